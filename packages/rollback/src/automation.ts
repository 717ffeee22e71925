import { InvalidInput, type Severity, type SuspectVerdict } from '@firebreak/core'
import type { JudgeNumbers } from './plan.ts'

/** `off`: nothing. `shadow`: says what it would do. `approve`: asks a person. `auto`: acts. */
export type AutomationMode = 'off' | 'shadow' | 'approve' | 'auto'

/** What makes an image a last good one. */
export interface ProofNumbers {
  /** Live at least so long, with traffic. */
  readonly liveMs: number
  /** Requests in that time. */
  readonly requests: number
  /** How far back one may go. */
  readonly maxAgeMs: number
  readonly maxImages: number
  /** Error ratio while it was live, below which it was well. */
  readonly healthyRatio: number
  /** How much of its life is looked at, newest first. */
  readonly lookBackMs: number
}

/** The numbers of the six tests. */
export interface SuspectNumbers {
  readonly maxAgeMs: number
  /** Share of the ill units that must run it. */
  readonly illShare: number
  /** Error ratio of the others, as a part of theirs. */
  readonly othersShare: number
  readonly neighbourMs: number
  /** Requests a second now, against those of the time before. */
  readonly requestFactor: number
  /** How long "the time before" is. */
  readonly rateMs: number
  readonly sources: number
  readonly measuredMs: Readonly<Partial<Record<Severity, number>>>
  /** A firing signal is recorded again at least so often. */
  readonly repeatMs: number
  readonly goodBeforeMs: number
  readonly goodBeforeShare: number
  /** Error ratio from which one unit is ill; also the level below which the time before was good. */
  readonly illRatio: number
  /** Fewer requests than this say nothing about a unit. */
  readonly requests: number
  /** How long the window of now is. */
  readonly windowMs: number
}

/** Who decides, and every number behind it: data, so that it can be shown, changed and scaled. Times in milliseconds. */
export interface Automation {
  /** Ceiling for everything below. */
  readonly mode: AutomationMode
  /** Rollback by severity and verdict. What is not listed is `off`. */
  readonly rollback: Readonly<Partial<Record<Severity, Readonly<Partial<Record<SuspectVerdict, AutomationMode>>>>>>
  readonly restart: Readonly<Partial<Record<Severity, AutomationMode>>>
  readonly isolate: Readonly<Partial<Record<Severity, AutomationMode>>>
  readonly scale: Readonly<Partial<Record<Severity, AutomationMode>>>
  /** Services that may be acted on; absent: the target's own. */
  readonly services?: readonly string[]
  /** Releases below are never gone back to. */
  readonly neverBelow?: number
  /** Between the page and the first automatic write. */
  readonly afterPageMs: number
  readonly budget: {
    readonly perIncident: number
    readonly perHour: number
    readonly perDay: number
    readonly hourMs: number
    readonly dayMs: number
    /** Over all services: so many rollbacks under way, and begun in `hourMs`. Absent: 1 and 3. */
    readonly organisation?: { readonly atOnce: number; readonly perHour: number }
  }
  /** No A → B → A without a person. */
  readonly flapMs: number
  readonly approvalMs: number
  /** How often a verdict is looked at again while it may still change, and for how long. */
  readonly suspectEveryMs: number
  readonly suspectForMs: number
  readonly suspect: SuspectNumbers
  readonly proof: ProofNumbers
  readonly judge: JudgeNumbers
  /** Longest time for one unit to settle. */
  readonly unitMs: number
  /** How long somebody else's lock is waited for; it is never taken. Longer than a lock of ours lives. */
  readonly lockWaitMs: number
  /** Once per unit in this time. */
  readonly restartEveryMs: number
  readonly isolateShare: number
  /** The others must have been well for so long. */
  readonly isolateAfterMs: number
  readonly isolateForMs: number
}

const minute = 60_000
const hour = 60 * minute

/** How a rollback is judged unless told otherwise. */
const standardJudge: JudgeNumbers = {
  judgeMs: 45_000,
  everyMs: 5_000,
  requests: 30,
  probes: 10,
  verifyMs: 2 * minute,
  healthyRatio: 0.05,
}

/** What counts as proven unless told otherwise. */
const standardProof: ProofNumbers = {
  liveMs: 30 * minute,
  requests: 1_000,
  maxAgeMs: 14 * 24 * hour,
  maxImages: 5,
  healthyRatio: 0.05,
  lookBackMs: 24 * hour,
}

/** What all services together may cost unless told otherwise: one mistake of ours must not become everybody's. */
export const standardOrganisation = { atOnce: 1, perHour: 3 }

/** The default policy: acts at P0 when the release is suspected, asks at P1 or when it is only possible, else never. */
export const standardAutomation: Automation = {
  mode: 'auto',
  rollback: {
    P0: { suspected: 'auto', possible: 'approve' },
    P1: { suspected: 'approve', possible: 'approve' },
  },
  restart: { P0: 'auto', P1: 'auto' },
  isolate: { P0: 'auto', P1: 'auto' },
  scale: { P0: 'approve', P1: 'approve' },
  afterPageMs: 10_000,
  budget: { perIncident: 1, perHour: 1, perDay: 3, hourMs: hour, dayMs: 24 * hour, organisation: standardOrganisation },
  flapMs: 30 * minute,
  approvalMs: 15 * minute,
  suspectEveryMs: 30_000,
  suspectForMs: 15 * minute,
  suspect: {
    maxAgeMs: 30 * minute,
    illShare: 0.8,
    othersShare: 1 / 3,
    neighbourMs: 5 * minute,
    requestFactor: 2,
    rateMs: hour,
    sources: 2,
    measuredMs: { P0: minute, P1: 3 * minute },
    repeatMs: minute,
    goodBeforeMs: 10 * minute,
    goodBeforeShare: 1 / 5,
    illRatio: 0.05,
    requests: 10,
    windowMs: minute,
  },
  proof: standardProof,
  judge: standardJudge,
  unitMs: 5 * minute,
  lockWaitMs: 75_000,
  restartEveryMs: 30 * minute,
  isolateShare: 1 / 3,
  isolateAfterMs: 2 * minute,
  isolateForMs: 30 * minute,
}

/**
 * The same judgement in another time: every duration times `factor`, and the traffic that a proof needs with it (never below
 * what a judgement needs). For drills; ratios, counts and budgets stay.
 */
export function scaleAutomation(automation: Automation, factor: number): Automation {
  if (!(Number.isFinite(factor) && factor > 0))
    throw new InvalidInput('factor', 'must be a number above 0, such as 1/60')
  const scaled = scaleTimes(automation, factor) as Automation
  const requests = Math.max(automation.judge.requests, Math.round(automation.proof.requests * factor))
  return {
    ...scaled,
    // How old an image may be is a matter of the calendar, and how far back its figures reach one of the platform.
    proof: {
      ...scaled.proof,
      requests: Math.min(automation.proof.requests, requests),
      maxAgeMs: automation.proof.maxAgeMs,
      lookBackMs: automation.proof.lookBackMs,
    },
    suspect: {
      ...scaled.suspect,
      measuredMs: Object.fromEntries(
        Object.entries(automation.suspect.measuredMs).map(([severity, ms]) => [severity, Math.round(ms * factor)]),
      ),
    },
  }
}

function scaleTimes(value: unknown, factor: number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key.endsWith('Ms') && typeof inner === 'number' ? Math.round(inner * factor) : scaleTimes(inner, factor),
    ]),
  )
}
