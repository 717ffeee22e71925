import type { World } from '../world/world.ts'
import { rfc3339 } from '../world/world.ts'
import type { Handler } from './call.ts'
import { json } from './call.ts'

export interface PlatformIncident {
  readonly name: string
  /** Statuspage's words: 'minor', 'major', 'critical'. */
  readonly impact: 'minor' | 'major' | 'critical'
  readonly components?: readonly string[] | undefined
}

export interface PlatformStatus {
  incident: PlatformIncident | undefined
  since: number
}

const components = ['Machines API', 'Dashboard', 'Deployments', 'Anycast network', 'Logs', 'Metrics', 'DNS'] as const
const words = {
  none: 'All Systems Operational',
  minor: 'Minor Service Outage',
  major: 'Major Service Outage',
  critical: 'Critical Service Outage',
} as const

/** Fly's public status page, in Statuspage's v2 JSON. */
export function statuspageHandlers(world: World, status: PlatformStatus): Readonly<Record<string, Handler>> {
  const page = () => ({
    id: 'simulated',
    name: 'Fly.io',
    url: 'https://status.flyio.net',
    time_zone: 'Etc/UTC',
    updated_at: rfc3339(status.since),
  })
  const overall = () => {
    const indicator = status.incident?.impact ?? 'none'
    return { indicator, description: words[indicator] }
  }
  const incidents = () =>
    status.incident === undefined
      ? []
      : [
          {
            id: 'simulated-1',
            name: status.incident.name,
            status: 'investigating',
            impact: status.incident.impact,
            created_at: rfc3339(status.since),
            updated_at: rfc3339(status.since),
            started_at: rfc3339(status.since),
            resolved_at: null,
            shortlink: 'https://status.flyio.net/incidents/simulated-1',
            incident_updates: [
              { id: '1', status: 'investigating', body: status.incident.name, created_at: rfc3339(status.since) },
            ],
            components: listed().filter(({ status: it }) => it !== 'operational'),
          },
        ]
  const listed = () =>
    components.map((name, index) => ({
      id: `component-${index + 1}`,
      name,
      status: affected(name)
        ? status.incident?.impact === 'minor'
          ? 'degraded_performance'
          : 'major_outage'
        : 'operational',
      updated_at: rfc3339(status.since),
      position: index + 1,
      group: false,
    }))
  const affected = (name: string) =>
    status.incident !== undefined && (status.incident.components ?? ['Machines API']).includes(name)
  return {
    'statuspage.status': () => json({ page: page(), status: overall() }),
    'statuspage.summary': () =>
      json({
        page: page(),
        status: overall(),
        components: listed(),
        incidents: incidents(),
        scheduled_maintenances: [],
      }),
    'statuspage.components': () => json({ page: page(), components: listed() }),
    'statuspage.incidents': () => json({ page: page(), incidents: incidents() }),
  }
}
