import {
  compareSeverity,
  type Inconclusive,
  InvalidInput,
  type Reason,
  severities,
  type Severity,
  type Signal,
  worst,
} from '@firebreak/core'
import { bandAt, entryOf } from './band.ts'
import { classify } from './classify.ts'
import { exitLevel, isFigure } from './exit-level.ts'
import type { Band, SeverityPolicy } from './policy.ts'
import type { KeyState } from './severity-state.ts'
import type { Classification } from './verdict.ts'

const nothing: readonly Reason[] = []
const noRuns: Readonly<Record<Severity, number>> = { P0: 0, P1: 0, P2: 0, P3: 0 }

/** Takes one key's last word in; the same word again changes nothing. */
export function observeKey(
  known: KeyState | undefined,
  signal: Signal,
  count: number,
  policy: SeverityPolicy,
): KeyState {
  const same = known !== undefined && known.id === signal.id && known.at === signal.at
  if (same && count <= known.count) return known
  const firing = signal.status === 'firing'
  const { valid, verdict } = judgeSignal(signal, policy)
  const figureLevel = verdict.reasons.find(({ rule }) => isFigure(rule))?.level ?? null
  const conclusive = isConclusive(signal, verdict.inconclusive, policy)
  const before = known === undefined || wasStale(known, signal) ? noRuns : known.runs
  const runs = firing ? countRuns(before, figureLevel, same ? count - known.count : 1, conclusive) : noRuns
  const level = severities.find((candidate) => runs[candidate] >= policy.timing.raiseAfter)
  const reasons = firing ? countingReasons(verdict.reasons, level, policy) : nothing
  const holding = valid ? holdingLevel(signal, verdict.reasons, policy) : null
  const staleAfterMs = signal.staleAfterMs ?? policy.timing.staleAfterMs
  // Written out: a spread would cost each of a storm's keys a second object for what comes with it.
  return {
    key: signal.key,
    id: signal.id,
    at: signal.at,
    count,
    staleAfterMs,
    staleAt: staleAfterMs === undefined ? undefined : Date.parse(signal.at) + staleAfterMs,
    runs,
    level: reasons[0]?.level ?? null,
    // What could not be judged does not take back what was judged before.
    holds: conclusive ? holding : worst(holding, known?.holds ?? null),
    conclusive,
    reasons,
    // A storm of facts shares one list.
    inconclusive:
      firing && level === undefined && figureLevel !== null
        ? [...verdict.inconclusive, ...notYet(verdict.reasons, runs, policy)]
        : verdict.inconclusive,
  }
}

/** Not repeated within its time: neither firing nor healthy. */
export function isStale({ at, staleAfterMs, staleAt }: KeyState, now: number): boolean {
  if (staleAfterMs === undefined) return false
  return now > (staleAt ?? Date.parse(at) + staleAfterMs)
}

function wasStale(known: KeyState, signal: Signal): boolean {
  return isStale(known, Date.parse(signal.at))
}

/** What was recorded must not stop the loop: a symptom that cannot be true is no verdict, and is named. */
function judgeSignal(signal: Signal, policy: SeverityPolicy): { valid: boolean; verdict: Classification } {
  try {
    const verdict = classify(signal.symptoms, policy)
    if (signal.status === 'resolved' || signal.symptoms.length > 0) return { valid: true, verdict }
    return {
      valid: false,
      verdict: unjudged(signal, 'fires without a symptom', 'a mapping of its labels to a symptom'),
    }
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    return { valid: false, verdict: unjudged(signal, error.message, 'a correct figure from this source') }
  }
}

/**
 * Whether every rule had its say. A ratio that is inconclusive over one window may be conclusive over another; burn rates
 * have no say where the policy states no objective.
 */
function isConclusive(signal: Signal, inconclusive: readonly Inconclusive[], { slo }: SeverityPolicy): boolean {
  if (inconclusive.length === 0) return true
  return inconclusive.every(({ rule }) => {
    if (rule === 'burnRate' && slo === undefined) return true
    const open = inconclusive.filter((other) => other.rule === rule).length
    return rule !== 'signal' && signal.symptoms.filter(({ kind }) => kind === rule).length > open
  })
}

function unjudged({ key, source }: Signal, why: string, settledBy: string): Classification {
  return {
    severity: null,
    reasons: [],
    inconclusive: [{ rule: 'signal', observed: source, why: `${key}: ${why}`, settledBy }],
  }
}

function countRuns(
  before: Readonly<Record<Severity, number>>,
  figureLevel: Severity | null,
  seen: number,
  conclusive: boolean,
): Readonly<Record<Severity, number>> {
  if (figureLevel === null && before === noRuns) return before
  const runs = { ...before }
  for (const level of severities) {
    if (figureLevel !== null && compareSeverity(figureLevel, level) <= 0) runs[level] += seen
    else if (conclusive) runs[level] = 0
  }
  return runs
}

/** The reasons that count now: facts, and figures at the worst level they were seen at often enough. */
function countingReasons(
  reasons: readonly Reason[],
  level: Severity | undefined,
  policy: SeverityPolicy,
): readonly Reason[] {
  // Facts count as they are; a storm of one fact shares one list.
  if (reasons.length <= 1 && !reasons.some(({ rule }) => isFigure(rule))) return reasons
  const counting = reasons.flatMap((reason): Reason[] => {
    if (!isFigure(reason.rule)) return [reason]
    if (level === undefined) return []
    return [compareSeverity(reason.level, level) >= 0 ? reason : lowered(reason, level, policy)]
  })
  return counting.sort((left, right) => compareSeverity(left.level, right.level))
}

/** A figure that was seen at a worse level only once yet: it counts as what was seen often enough. */
function lowered(reason: Reason, level: Severity, policy: SeverityPolicy): Reason {
  const band = bandAt(bandsOf(reason, policy), level)
  const { note: _note, ...detail } = reason.detail ?? {}
  const entry =
    band === undefined ? {} : { threshold: entryOf(band), detail: { ...detail, exclusive: band.above !== undefined } }
  const next = { ...reason, ...entry, level }
  return { ...next, detail: { ...next.detail, unconfirmed: reason.level } }
}

function bandsOf({ rule, detail }: Reason, policy: SeverityPolicy): readonly Band[] {
  if (rule === 'errorRate') return policy.errorRate.bands
  if (rule === 'latency') return policy.latency.bands
  if (rule !== 'capacity') return []
  return Object.entries(policy.capacity).find(([resource]) => resource === detail?.resource)?.[1] ?? []
}

function notYet(
  reasons: readonly Reason[],
  runs: Readonly<Record<Severity, number>>,
  { timing }: SeverityPolicy,
): readonly Inconclusive[] {
  return reasons
    .filter(({ rule }) => isFigure(rule))
    .map(({ rule, level, observed }) => ({
      rule,
      observed,
      why: `seen at ${level} or worse ${runs[level]} of ${timing.raiseAfter} times in a row`,
      settledBy: 'the next observation',
    }))
}

function holdingLevel(signal: Signal, reasons: readonly Reason[], policy: SeverityPolicy): Severity | null {
  let held: Severity | null = null
  if (signal.status === 'firing') for (const { rule, level } of reasons) if (!isFigure(rule)) held = worst(held, level)
  for (const symptom of signal.symptoms) held = worst(held, exitLevel(symptom, policy))
  return held
}
