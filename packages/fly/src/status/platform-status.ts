import * as z from 'zod'
import { listOf, text } from '../transport/schema.ts'

/** What Fly says of itself, by hand and late: it may be silent while the platform is ill (Statuspage v2). */
export interface PlatformStatus {
  /** `none`, `minor`, `major`, `critical`, `maintenance`; an open set. */
  readonly indicator: string
  readonly description: string
  /** A major or critical incident is open. */
  readonly down: boolean
  /** Not resolved yet. */
  readonly incidents: readonly PlatformIncident[]
  /** Components that are not operational. */
  readonly components: readonly { readonly name: string; readonly status: string }[]
}

export interface PlatformIncident {
  readonly name: string
  readonly impact: string
  readonly status: string
  /** What it affects, as Fly names it: "Deployments", "AMS - Amsterdam". */
  readonly components: readonly string[]
  /** RFC 3339. */
  readonly startedAt?: string | undefined
  /** Untrusted: rendered, never fetched. */
  readonly url?: string | undefined
}

const incident = z
  .looseObject({
    name: z.string(),
    impact: text,
    status: text,
    started_at: text,
    created_at: text,
    shortlink: text,
    components: listOf(z.looseObject({ name: z.string() })),
  })
  .transform((it): PlatformIncident => ({
    name: it.name,
    impact: it.impact ?? 'none',
    status: it.status ?? 'investigating',
    components: it.components.map(({ name }) => name),
    startedAt: it.started_at ?? it.created_at,
    url: it.shortlink,
  }))

const closed = new Set(['resolved', 'postmortem', 'completed'])

export const platformSchema = z
  .looseObject({
    status: z.looseObject({ indicator: z.string(), description: text }),
    incidents: listOf(incident),
    components: listOf(z.looseObject({ name: z.string(), status: z.string() })),
  })
  .transform(({ status, incidents, components }): PlatformStatus => ({
    indicator: status.indicator,
    description: status.description ?? '',
    down: status.indicator === 'major' || status.indicator === 'critical',
    incidents: incidents.filter((it) => !closed.has(it.status)),
    components: components
      .filter((it) => it.status !== 'operational')
      .map(({ name, status: state }) => ({ name, status: state })),
  }))

/**
 * The open incidents that may concern machines in these regions: major and critical ones wherever they are, smaller ones
 * only where they name one of the regions. Something small is open somewhere most of the time.
 */
export function incidentsNear(status: PlatformStatus, regions: Iterable<string>): readonly PlatformIncident[] {
  const near = new Set([...regions].map((region) => region.toUpperCase()))
  return status.incidents.filter(({ impact, name, components }) => {
    if (impact === 'major' || impact === 'critical') return true
    const words = [name, ...components]
      .join(' ')
      .toUpperCase()
      .split(/[^A-Z0-9]+/)
    return impact === 'minor' && words.some((word) => near.has(word))
  })
}
