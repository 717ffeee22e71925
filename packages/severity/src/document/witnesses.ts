import type { Symptom } from '@firebreak/core'
import { entryOf } from '../band.ts'
import type { SeverityPolicy } from '../policy.ts'
import type { Bounds } from './bounds-text.ts'
import type { Condition } from './conditions.ts'
import type { BandRule, FactName } from './draft.ts'

/**
 * Symptoms that are such a condition: what a line means is tested by classifying them. A range is tried at its lower end, in
 * the middle, and just inside its upper end, which the next worse level may claim.
 */
export function witnesses(condition: Condition, policy: SeverityPolicy): readonly Symptom[] {
  switch (condition.kind) {
    case 'band':
      return samples(condition.bounds).map((value) => figureSymptom(condition.rule, value))
    case 'fact':
      return [factSymptom(condition.fact, condition.name ?? 'example', policy)]
    case 'slower': {
      const mildest = policy.latency.bands.at(-1)
      const inside = mildest === undefined ? 1 : samples({ ...mildest, from: entryOf(mildest) })[0]
      return [figureSymptom('latency', inside ?? 1)]
    }
  }
}

const inside = 1e-6

function samples({ from, above, to, below }: Bounds): readonly number[] {
  const low = from ?? (above ?? 0) + inside
  const high = to ?? below
  return high === undefined ? [low] : [low, (low + high) / 2, high - inside]
}

const baselineMs = 1_000

function figureSymptom(rule: BandRule, value: number): Symptom {
  if (rule === 'errorRate') return { kind: 'errorRate', ratio: Math.min(1, value) }
  if (rule === 'latency') return { kind: 'latency', ms: value * baselineMs, baselineMs }
  return { kind: 'capacity', resource: rule, used: Math.min(1, value) }
}

function factSymptom(fact: FactName, name: string, { crash }: SeverityPolicy): Symptom {
  const crashes = (count: number): Symptom => ({
    kind: 'crash',
    oom: false,
    exitCode: 1,
    count,
    windowMs: crash.windowMs,
  })
  const symptoms: Readonly<Record<FactName, Symptom>> = {
    'outage.complete': { kind: 'outage', extent: 'complete' },
    'outage.partial': { kind: 'outage', extent: 'partial' },
    'checks.none': { kind: 'checks', passing: 0, total: 3, intermittent: false },
    'checks.some': { kind: 'checks', passing: 3, total: 3, intermittent: true },
    security: { kind: 'security', detail: name },
    'dependency.database': { kind: 'dependency', name, role: 'database' },
    'dependency.other': { kind: 'dependency', name, role: 'other' },
    'function.critical': { kind: 'function', name, critical: true },
    'function.other': { kind: 'function', name, critical: false },
    'crash.repeated': crashes(crash.count),
    'crash.fewer': crashes(1),
    warning: { kind: 'warning', detail: name },
  }
  return symptoms[fact]
}
