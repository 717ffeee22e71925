import { severities, type Incident, type Part, type Severity } from '@firebreak/core'
import { checkMs } from '../check-options.ts'

/** How long a service must be well before its incident is closed, by the worst level it had, in milliseconds. */
export type BakeMs = Readonly<Record<Severity, number>>

/** P0 and P1 10 min, P2 and P3 30 min. */
export const standardBake: BakeMs = { P0: 10 * 60_000, P1: 10 * 60_000, P2: 30 * 60_000, P3: 30 * 60_000 }

/** Step 5: closes what has been well for the bake time. Never what a person reported: only people know when that is over. */
export function createResolver({ bakeMs = standardBake }: { readonly bakeMs?: BakeMs | undefined } = {}): Part {
  for (const severity of severities) checkMs(bakeMs[severity], `bakeMs.${severity}`, 0)
  return {
    name: 'resolver',
    plan(incident) {
      const wellSince = incident.status === 'resolved' || incident.reported ? undefined : healthySince(incident)
      if (wellSince === undefined) return []
      const bake = bakeMs[incident.worst ?? 'P3']
      const why = `healthy for the bake time of ${Math.round(bake / 1_000)} s`
      return [
        {
          key: `resolve/${incident.reopened + 1}/${wellSince}`,
          notBefore: wellSince + bake,
          why,
          record: {
            events: [
              {
                type: 'incident.resolved',
                actor: 'resolver',
                data: { service: incident.service, by: 'responder', why },
              },
            ],
          },
        },
      ]
    },
  }
}

/** Since when nothing fires and no mitigation is unfinished or went wrong; `undefined` while that is not so. */
function healthySince(incident: Readonly<Incident>): number | undefined {
  if (incident.quietSince === undefined) return undefined
  for (const action of incident.actions.values()) {
    if (action.finished === undefined && action.key.startsWith('rollback/')) return undefined
  }
  const last = incident.mitigations.at(-1)
  const unfinished = incident.plan !== undefined && (last === undefined || last.at < (incident.plannedAt ?? 0))
  if (unfinished) return undefined
  return Math.max(incident.quietSince, incident.verifiedAt ?? 0)
}
