import { isEvent, type Incident, type Reason, type RecordedEvent } from '@firebreak/core'
import { timelineEntries } from '@firebreak/postmortem'
import { written, type DrillFolder } from './folder.ts'
import type { Load } from './load.ts'
import type { Receiver } from './receiver.ts'

interface Version {
  readonly version: number
  readonly image: string
}

/** What `--json` prints. */
export interface DrillReport {
  readonly incident: {
    readonly id: string
    readonly service: string
    /** The worst that it reached. */
    readonly severity: string | null
    readonly status: string
  } | null
  readonly assessment: { readonly reasons: readonly Reason[] }
  readonly pages: readonly {
    readonly to: string
    readonly notifier: string
    readonly state: string
    readonly delayMs: number
  }[]
  readonly rollback: {
    readonly from: Version
    readonly to: Version
    readonly units: readonly { readonly id: string; readonly image: string; readonly outcome: string }[]
    readonly verified: boolean
  } | null
  /** Milliseconds from the first failed requests; `null`: it did not happen. */
  readonly figures: {
    readonly detectMs: number | null
    readonly pageMs: number | null
    readonly mitigateMs: number | null
    readonly verifyMs: number | null
    readonly resolveMs: number | null
  }
  /** As the users of the drill counted it. */
  readonly impact: { readonly failedRequests: number; readonly requests: number }
  readonly files: {
    readonly log: string
    readonly feedback: readonly string[]
    readonly markdown: string | null
    readonly html: string | null
  }
  readonly timeline: readonly { readonly at: string; readonly type: string; readonly summary: string }[]
}

export interface ReportFacts {
  readonly incident: Readonly<Incident> | undefined
  readonly events: readonly RecordedEvent[]
  readonly folder: DrillFolder
  readonly load: Load
  readonly receiver: Receiver
}

/** The drill in figures, from the log, the users and the manager's receiver. */
export function reportOf({ incident, events, folder, load, receiver }: ReportFacts): DrillReport {
  const since = (at: number | undefined) =>
    at === undefined || load.faultAt === undefined ? null : Math.max(0, at - load.faultAt)
  const files = incident?.postmortem ?? []
  return {
    incident:
      incident === undefined
        ? null
        : { id: incident.code, service: incident.service, severity: incident.worst, status: incident.status },
    assessment: { reasons: worstReasons(events, incident) },
    pages: events.flatMap((event) =>
      isEvent(event, 'page.sent')
        ? [
            {
              to: event.data.to,
              notifier: event.data.notifier,
              state: event.data.receipt.state,
              delayMs: Math.round(event.data.delayMs ?? 0),
            },
          ]
        : [],
    ),
    rollback: rollbackOf(incident),
    figures: {
      detectMs: since(incident?.openedAt),
      pageMs: since(receiver.received[0]?.at),
      mitigateMs: since(incident?.mitigatedAt),
      verifyMs: since(incident?.verifiedAt),
      resolveMs: since(incident?.resolvedAt),
    },
    impact: { failedRequests: load.failed, requests: load.sent },
    files: {
      log: folder.log,
      feedback: written(folder.deployment, folder.manager),
      markdown: files.find((file) => file.endsWith('.md')) ?? null,
      html: files.find((file) => file.endsWith('.html')) ?? null,
    },
    timeline: timelineEntries(events).map(({ at, type, summary }) => ({ at, type, summary })),
  }
}

/** Why it became as bad as it became, not why it is better now. */
function worstReasons(events: readonly RecordedEvent[], incident: Readonly<Incident> | undefined): readonly Reason[] {
  for (const event of events)
    if (isEvent(event, 'incident.assessed') && event.data.severity === incident?.worst) return event.data.reasons
  return []
}

function rollbackOf(incident: Readonly<Incident> | undefined): DrillReport['rollback'] {
  if (incident?.plan === undefined) return null
  const { from, to } = incident.plan
  return {
    from: { version: from.version, image: from.image },
    to: { version: to.version, image: to.image },
    units: Array.from(incident.units.values(), ({ unit, image, outcome }) => ({ id: unit, image, outcome })),
    verified: incident.verifiedAt !== undefined,
  }
}
