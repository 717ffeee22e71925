import type { NewEvent, StreamId, Write } from '@firebreak/core'
import type { ToClaim } from './agenda.ts'
import type { Followed } from './subject.ts'

/** A claim that counts against budgets. */
export type Charged = ToClaim & { readonly action: { readonly charge: StreamId | readonly StreamId[] } }

/** What was charged once is not charged again by whoever takes it over. */
export function isCharged(claim: ToClaim): claim is Charged {
  return claim.action.charge !== undefined && !claim.takeover
}

/**
 * The checks of a claim, with what it charges: each on the stream as it was when the claim was planned, so that of two who
 * saw the same room in a budget only one gets it.
 */
export function withCharges(
  followed: Followed,
  claims: readonly Charged[],
  checks: readonly Write[],
): readonly Write[] {
  const charges = claims.flatMap(({ action }) =>
    [action.charge]
      .flat()
      .map((stream) => ({ stream, key: action.key, event: chargeOf(followed, stream, action.key) })),
  )
  const elsewhere = charges.filter(({ stream }) => checks.every((check) => check.stream !== stream))
  return [
    ...checks.map((check) => ({
      ...check,
      events: charges.filter(({ stream }) => stream === check.stream).map(({ event }) => event),
    })),
    // Of another service: the plan did not see what it stands at, so there is nothing to check; it is counted once.
    ...elsewhere.map(({ stream, key, event }): Write => ({
      stream,
      events: [{ ...event, id: `charged:${followed.stream}/${key}` }],
      expected: 'dedupe',
    })),
  ]
}

function chargeOf({ stream: incident }: Followed, charge: StreamId, key: string): NewEvent {
  const service = charge.slice('service/'.length)
  return {
    type: 'ledger.charged',
    actor: 'responder',
    data: { service, action: key, key: `${incident}/${key}`, incident },
  }
}
