import {
  compareSeverity,
  formatDuration,
  type Inconclusive,
  type Reason,
  severities,
  type Severity,
  worst,
} from '@firebreak/core'
import { heldByFact } from './condense-severity.ts'
import { isStale, observeKey } from './observe-key.ts'
import type { SeverityPolicy } from './policy.ts'
import type { AssessmentInput, KeyState, SeverityState } from './severity-state.ts'
import { standardPolicy } from './standard-policy.ts'
import { sortInconclusive, sortReasons } from './verdict.ts'

/** A storm has thousands of keys; what is recorded of them stays readable. The level itself is judged over all. */
const mostReasons = 40

/**
 * Severity over time. Pure: give it the state it returned last (`undefined` at first) and every key's last word, each time
 * all of them: a key that is left out (a silenced one) is forgotten.
 * Figures raise when seen often enough in a row, facts at once; it is lowered by one level after everything stayed calm for
 * `lowerAfterMs`. Stale signals are unknown: they neither raise nor count as calm. Never below the pin.
 */
export function assessSeverity(
  state: SeverityState | undefined,
  input: AssessmentInput,
  policy: SeverityPolicy = standardPolicy,
): SeverityState {
  const { now, pinned } = input
  const keys = observeKeys(state, input, policy)
  const fresh = keys.filter((key) => !isStale(key, now))
  const candidate = fresh.reduce<Severity | null>((level, key) => worst(level, key.level), null)
  const step = move(state, candidate, keys, fresh, now, policy)
  const severity = worst(step.measured, pinned ?? null)
  const live = worstFirst(fresh).flatMap(({ reasons }) => reasons)
  const held = step.measured !== null && compareSeverity(candidate, step.measured) > 0
  if (held && step.measured !== null) live.push(heldReason(step.measured, candidate, keys, step.nextAt))
  if (pinned !== undefined) live.push({ level: pinned, rule: 'pinned', observed: pinned, threshold: pinned })
  return {
    severity,
    since: state !== undefined && state.severity === severity ? state.since : now,
    reasons: sortReasons(distinct(live)).slice(0, mostReasons),
    inconclusive: sortInconclusive(distinct(unknowns(keys, now))).slice(0, mostReasons),
    keys,
    ...step,
  }
}

/** The state to go on from when only the recorded severity survived: its keys are learnt anew, and it is lowered by rule. */
export function resumeSeverity(recorded: {
  readonly severity: Severity | null
  readonly since: number
  readonly reasons: readonly Reason[]
}): SeverityState {
  const { severity, since, reasons } = recorded
  return { severity, since, reasons, inconclusive: [], keys: [], measured: severity }
}

function observeKeys(
  state: SeverityState | undefined,
  { signals }: AssessmentInput,
  policy: SeverityPolicy,
): readonly KeyState[] {
  const before = state?.keys ?? []
  const known = byKey(before)
  const changed = new Map<string, KeyState>()
  const added: KeyState[] = []
  const all: KeyState[] = []
  for (const { signal, count } of signals) {
    const last = known.get(signal.key)
    const observed = observeKey(last, signal, count, policy)
    const key = last === undefined ? stillHeld(observed, state?.facts) : observed
    all.push(key)
    if (last === undefined) added.push(key)
    else if (key !== last) changed.set(key.key, key)
  }
  // In a storm a service is judged again and again, and most of its keys have said nothing new.
  if (all.length - added.length === known.size && known.size === before.length) {
    if (added.length + changed.size === 0) return before
    const kept = changed.size === 0 ? before : before.map((key) => changed.get(key.key) ?? key)
    return added.length === 0 ? kept : inOrder([...kept, ...added])
  }
  return inOrder(all)
}

/** What could not be judged does not take back what a fact held of which nothing else is remembered. */
function stillHeld(key: KeyState, facts: SeverityState['facts']): KeyState {
  if (facts === undefined || key.conclusive) return key
  return { ...key, holds: worst(key.holds, heldByFact(facts, key.key)) }
}

/** A copy, for it is kept: a list that has grown keeps room for sixteen more. */
function inOrder(keys: readonly KeyState[]): readonly KeyState[] {
  return keys.toSorted((left, right) => (left.key < right.key ? -1 : 1))
}

const indices = new WeakMap<readonly KeyState[], ReadonlyMap<string, KeyState>>()
/** An index of fewer keys is made anew more cheaply than it is found and kept. */
const many = 16

function byKey(keys: readonly KeyState[]): ReadonlyMap<string, KeyState> {
  if (keys.length < many) return new Map(keys.map((key) => [key.key, key]))
  let index = indices.get(keys)
  if (index === undefined) indices.set(keys, (index = new Map(keys.map((key) => [key.key, key]))))
  return index
}

interface Step {
  readonly measured: Severity | null
  readonly calmSince?: number
  readonly nextAt?: number
}

function move(
  state: SeverityState | undefined,
  candidate: Severity | null,
  keys: readonly KeyState[],
  fresh: readonly KeyState[],
  now: number,
  policy: SeverityPolicy,
): Step {
  const current = state?.measured ?? null
  if (current === null || compareSeverity(candidate, current) <= 0) return { measured: candidate }
  const heard = fresh.some((key) => key.conclusive)
  const calmFor = (level: Severity) => heard && !keys.some((key) => compareSeverity(key.holds, level) <= 0)
  if (!calmFor(current)) return { measured: current }
  const { lowerAfterMs } = policy.timing
  const since = state?.calmSince ?? now
  if (now - since < lowerAfterMs) return { measured: current, calmSince: since, nextAt: since + lowerAfterMs }
  const lowered = severities[severities.indexOf(current) + 1] ?? null
  if (lowered === null || lowered === candidate || !calmFor(lowered)) return { measured: lowered }
  return { measured: lowered, calmSince: now, nextAt: now + lowerAfterMs }
}

function heldReason(
  level: Severity,
  candidate: Severity | null,
  keys: readonly KeyState[],
  nextAt: number | undefined,
): Reason {
  const waitsFor = keys.find((key) => compareSeverity(key.holds, level) <= 0)?.key
  const until = nextAt === undefined ? {} : { until: new Date(nextAt).toISOString() }
  const waits = nextAt === undefined && waitsFor !== undefined ? { waitsFor } : {}
  return { level, rule: 'held', observed: candidate ?? 'calm', threshold: level, detail: { ...until, ...waits } }
}

/** The keys whose reasons are shown, before equal ones are merged. */
function worstFirst(keys: readonly KeyState[]): readonly KeyState[] {
  return severities.flatMap((level) => keys.filter((key) => key.level === level)).slice(0, 10 * mostReasons)
}

/** What could not be judged, and what used to be ill and was not heard of again. */
function unknowns(keys: readonly KeyState[], now: number): Inconclusive[] {
  return keys
    .filter((key) => key.inconclusive.length > 0 || key.holds !== null)
    .slice(0, 10 * mostReasons)
    .flatMap((key) => (isStale(key, now) ? (key.holds === null ? [] : [unheard(key)]) : key.inconclusive))
}

function unheard({ key, staleAfterMs = 0 }: KeyState): Inconclusive {
  const why = `${key} was not repeated within ${formatDuration(staleAfterMs)}: neither firing nor healthy`
  return { rule: 'stale', observed: key, why, settledBy: 'its next observation, or a person' }
}

function distinct<T>(items: T[]): T[] {
  if (items.length <= 1) return items
  return [...new Map(Array.from(new Set(items), (item) => [JSON.stringify(item), item])).values()]
}
