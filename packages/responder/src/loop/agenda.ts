import type { Action, ActionState, EffectAction, RecordAction } from '@firebreak/core'

/** An action and the part that wants it. */
export interface Wanted<A extends Action = Action> {
  readonly part: string
  readonly action: A
}

/** What is to be claimed: a first attempt, a retry, or what a silent owner left. */
export interface ToClaim {
  readonly part: string
  readonly action: EffectAction
  readonly attempt: number
  /** Somebody may have been here: the recorded effect is performed, never a re-planned one. */
  readonly takeover: boolean
  /** Kept over all attempts, so that targets can deduplicate. */
  readonly idempotencyKey?: string
}

export interface Agenda {
  readonly records: readonly Wanted<RecordAction>[]
  readonly claims: readonly ToClaim[]
  /** When there is something to do next, if nothing happens before; milliseconds since the epoch. */
  readonly nextAt: number | undefined
}

export interface AgendaContext {
  readonly now: number
  /** Is this process performing it at this moment? */
  readonly performing: (key: string) => boolean
  /** Is this owner known to be dead? */
  readonly gone: (owner: string) => boolean
  /** This process, as an owner. */
  readonly own?: string | undefined
}

/** An own claim that nobody performs is one whose answer was lost: it is taken up again so much later, in milliseconds. */
const lostAnswerMs = 2_000

/** What is due of what is wanted, given what has been claimed and finished. Pure. */
export function agendaOf(
  actions: ReadonlyMap<string, ActionState>,
  wanted: readonly Wanted[],
  { now, performing, gone, own }: AgendaContext,
): Agenda {
  const records: Wanted<RecordAction>[] = []
  const claims: ToClaim[] = []
  let nextAt: number | undefined
  const later = (at: number) => {
    nextAt = nextAt === undefined ? at : Math.min(nextAt, at)
  }
  const seen = new Set<string>()

  for (const state of actions.values()) {
    if (state.finished !== undefined || performing(state.key)) continue
    seen.add(state.key)
    const dueAt = state.owner === own ? Math.min(state.deadlineAt, state.startedAt + lostAnswerMs) : state.deadlineAt
    if (dueAt > now && !gone(state.owner)) {
      later(dueAt)
      continue
    }
    claims.push({
      part: state.part,
      action: { key: state.key, why: state.why, effect: state.effect },
      attempt: state.attempt + 1,
      takeover: true,
      idempotencyKey: state.idempotencyKey,
    })
  }

  for (const { part, action } of wanted) {
    if (seen.has(action.key) || performing(action.key)) continue
    seen.add(action.key)
    const state = actions.get(action.key)
    if (state?.finished !== undefined && !mayRecur(state)) continue
    const dueAt = Math.max(action.notBefore ?? now, state?.retryAt ?? now)
    if (dueAt > now) {
      later(dueAt)
      continue
    }
    if ('record' in action) records.push({ part, action })
    else claims.push(claimOf(part, action, state))
  }
  return { records, claims, nextAt }
}

function mayRecur(state: ActionState): boolean {
  return state.finished?.outcome === 'retry' || state.finished?.outcome === 'released'
}

function claimOf(part: string, action: EffectAction, state: ActionState | undefined): ToClaim {
  if (state === undefined) return { part, action, attempt: 1, takeover: false }
  const { idempotencyKey, effect, attempt } = state
  // A retry repeats what was recorded: the first attempt may have had its effect.
  return { part, action: { ...action, effect }, attempt: attempt + 1, takeover: true, idempotencyKey }
}
