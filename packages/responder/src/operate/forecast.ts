import type { Action, Desk, Incident, StreamId, View } from '@firebreak/core'
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

/**
 * The plan's own answer to "what next, and when?": what is due now first, then the future. Of the desks, what they will send
 * about this incident. Pure.
 */
export function forecastOf(
  parts: readonly AnyPart[],
  incident: Readonly<Incident>,
  desks: readonly Readonly<Desk>[],
  view: View,
): readonly Forecast[] {
  return [incident, ...desks]
    .flatMap((subject) =>
      planAll(parts, subject, view).flatMap(({ part, action }): Forecast[] => {
        if (subject.kind === 'desk' && !isAbout(action, incident.stream)) return []
        const state = subject.actions.get(action.key)
        const again = state?.finished?.outcome === 'retry' || state?.finished?.outcome === 'released'
        if (state?.finished !== undefined && !again) return []
        const at = Math.max(view.now, action.notBefore ?? view.now, state?.retryAt ?? view.now)
        return [{ at, part, key: action.key, why: action.why, kind: 'record' in action ? 'record' : 'effect' }]
      }),
    )
    .toSorted((left, right) => left.at - right.at)
}

/** A desk's message names the incidents that it is about. */
function isAbout(action: Action, incident: StreamId): boolean {
  const { about } = (('effect' in action ? action.effect : undefined) ?? {}) as { about?: unknown }
  return Array.isArray(about) && (about as { incident?: unknown }[]).some((it) => it?.incident === incident)
}
