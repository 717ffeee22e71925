import type { Signal, Symptom } from '@firebreak/core'
import { assessSeverity, classify, type SeverityState } from './index.ts'

/** One core, no I/O. Alone: `node --conditions=@firebreak/source packages/severity/src/classify.bench.ts`. */

const figures: readonly Symptom[] = [
  { kind: 'errorRate', ratio: 0.61, requests: 183, windowMs: 60_000 },
  { kind: 'latency', ms: 410, baselineMs: 200, samples: 183 },
  { kind: 'checks', passing: 0, total: 3, intermittent: false },
  { kind: 'capacity', resource: 'memory', used: 0.96 },
  { kind: 'crash', oom: true, count: 4, windowMs: 600_000 },
]
const facts: readonly Symptom[] = [
  { kind: 'outage', extent: 'partial' },
  { kind: 'dependency', name: 'postgres', role: 'database' },
  { kind: 'function', name: 'checkout', critical: true },
  { kind: 'warning', detail: 'disk grows' },
  { kind: 'stated', severity: 'P1' },
]
const calm: readonly Symptom[] = [
  { kind: 'errorRate', ratio: 0.001, requests: 2000, windowMs: 60_000 },
  { kind: 'latency', ms: 210, baselineMs: 200, samples: 2000 },
  { kind: 'checks', passing: 3, total: 3, intermittent: false },
  { kind: 'capacity', resource: 'memory', used: 0.5 },
  { kind: 'crash', oom: false, exitCode: 0, count: 1, windowMs: 600_000 },
]

function perSecond(work: () => unknown, rounds: number): number {
  for (let round = 0; round < rounds / 5; round += 1) work()
  const best = [1, 2, 3, 4, 5].map(() => {
    const start = performance.now()
    for (let round = 0; round < rounds; round += 1) work()
    return (rounds / (performance.now() - start)) * 1000
  })
  return Math.max(...best)
}

const cases = { '5 figures, all bad': figures, '5 facts': facts, '5 figures, all well': calm }
for (const [name, symptoms] of Object.entries(cases))
  print(
    `classify, ${name} (aim: 1,000,000)`,
    perSecond(() => classify(symptoms), 300_000),
    '/s',
  )

/** One JSON object a line, as `pnpm bench` reads it. */
function print(bench: string, ours: number, unit: string): void {
  console.log(JSON.stringify({ bench, ours: Number(ours.toPrecision(3)), unit }))
}

function storm(keys: number): { signal: Signal; count: number }[] {
  return Array.from({ length: keys }, (_, index) => ({
    signal: {
      id: `s${index}`,
      key: `key-${index}`,
      source: 'bench',
      measured: true,
      service: 'shop',
      status: 'firing',
      at: '2026-11-23T02:00:00Z',
      summary: '',
      symptoms: [{ kind: 'stated', severity: 'P2' }],
      labels: {},
      links: [],
    },
    count: 1,
  }))
}

const signals = storm(10_000)
let state: SeverityState | undefined
const now = Date.parse('2026-11-23T02:00:01Z')
state = assessSeverity(state, { now, signals })
const known = perSecond(() => assessSeverity(state, { now, signals }), 20)
print('assessSeverity, 10,000 known keys', 1000 / known, 'ms')
const few = storm(10)
const small = assessSeverity(undefined, { now, signals: few })
print(
  'assessSeverity, 10 known keys',
  perSecond(() => assessSeverity(small, { now, signals: few }), 20_000),
  '/s',
)
