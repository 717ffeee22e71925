import { actionHandlers } from './fold/actions.ts'
import { apply } from './fold/handlers.ts'
import type { ActionState } from './incident.ts'
import type { IncidentLog } from './incident-log.ts'
import { ClaimLost, isVersionConflict } from './log-errors.ts'
import type { ActionFinished } from './events.ts'
import type { NewEvent, RecordedEvent, StreamId } from './recorded.ts'

/** The claims of one stream, whatever else is in it. */
export interface Claims {
  version: number
  readonly stream: StreamId
  readonly actions: Map<string, ActionState>
}

/** What a claim may miss: signals commute with it. Ignoring more than that lets two performers in. */
export const claimsIgnore: readonly string[] = ['signal.observed']

/** What can be done about a key now. */
export type ClaimVerdict =
  | { readonly status: 'free'; readonly attempt: number }
  | { readonly status: 'busy'; readonly until: number }
  | { readonly status: 'waiting'; readonly until: number }
  | { readonly status: 'finished'; readonly outcome: ActionFinished['outcome'] }

/** Pure: may this key be claimed at this time? `gone` says that its owner is known to be dead. */
export function judgeClaim(action: ActionState | undefined, now: number, gone: boolean = false): ClaimVerdict {
  if (action === undefined) return { status: 'free', attempt: 1 }
  const { finished, retryAt = 0, attempt, deadlineAt } = action
  if (finished === undefined) {
    return deadlineAt > now && !gone ? { status: 'busy', until: deadlineAt } : { status: 'free', attempt: attempt + 1 }
  }
  if (finished.outcome !== 'retry') return { status: 'finished', outcome: finished.outcome }
  return retryAt > now ? { status: 'waiting', until: retryAt } : { status: 'free', attempt: attempt + 1 }
}

export async function readClaims(log: IncidentLog, claims: Claims): Promise<Claims> {
  for await (const event of log.read(claims.stream, { from: claims.version + 1 })) applyClaims(claims, event)
  return claims
}

export function applyClaims(claims: Claims, event: RecordedEvent): void {
  apply(actionHandlers, claims, event)
}

/**
 * Appends while (owner, attempt) is current, and rejects with `CLAIM_LOST` when it is not. After a conflict the tail is
 * read and the claim looked at again; what was recorded is folded, so that the next append starts from there.
 */
export async function appendWhileCurrent(
  log: IncidentLog,
  claims: Claims,
  claim: { readonly key: string; readonly owner: string; readonly attempt: number },
  events: readonly NewEvent[],
): Promise<readonly RecordedEvent[]> {
  for (;;) {
    const current = claims.actions.get(claim.key)
    if (current?.owner !== claim.owner || current.attempt !== claim.attempt || current.finished !== undefined)
      throw new ClaimLost(claim.key)
    const expected = { since: claims.version, ignoring: claimsIgnore }
    try {
      const [appended] = await log.append([{ stream: claims.stream, events, expected }])
      for (const event of appended?.events ?? []) applyClaims(claims, event)
      return appended?.events ?? []
    } catch (error) {
      if (!isVersionConflict(error)) throw error
      await readClaims(log, claims)
    }
  }
}
