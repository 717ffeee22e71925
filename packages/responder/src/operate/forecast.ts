import type { Desk, Incident, View } from '@firebreak/core'
import { planAll, type AnyPart } from '../loop/plan.ts'

/** What happens next if nothing changes. */
export interface Forecast {
  readonly at: number
  readonly part: string
  readonly key: string
  readonly why: string
  /** Decided, or an effect on the world. */
  readonly kind: 'record' | 'effect'
}

/** The plan's own answer to "what next, and when?": what is due now first, then the future. Pure. */
export function forecastOf(
  parts: readonly AnyPart[],
  subjects: readonly Readonly<Incident | Desk>[],
  view: View,
): readonly Forecast[] {
  return subjects
    .flatMap((subject) =>
      planAll(parts, subject, view).flatMap(({ part, action }): Forecast[] => {
        const state = subject.actions.get(action.key)
        const again = state?.finished?.outcome === 'retry' || state?.finished?.outcome === 'released'
        if (state?.finished !== undefined && !again) return []
        const at = Math.max(view.now, action.notBefore ?? view.now, state?.retryAt ?? view.now)
        return [{ at, part, key: action.key, why: action.why, kind: 'record' in action ? 'record' : 'effect' }]
      }),
    )
    .toSorted((left, right) => left.at - right.at)
}
