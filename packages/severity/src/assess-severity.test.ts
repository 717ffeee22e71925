import type { Severity, Signal, Symptom } from '@firebreak/core'
import { describe, expect, test } from 'vitest'
import {
  assessSeverity,
  defineSeverityPolicy,
  describeReason,
  resumeSeverity,
  type SeverityState,
  standardPolicy,
} from './index.ts'

const start = Date.parse('2026-11-23T02:00:00Z')

/** A service under observation: each call says something new about one key and assesses again. */
function observing(policy = standardPolicy) {
  const signals = new Map<string, { signal: Signal; count: number }>()
  let state: SeverityState | undefined
  let sequence = 0
  return {
    say(seconds: number, key: string, symptoms: Symptom[], more: Partial<Signal> = {}) {
      const at = new Date(start + seconds * 1000).toISOString()
      sequence += 1
      const signal: Signal = {
        id: `${key}-${sequence}`,
        key,
        source: 'test',
        measured: true,
        service: 'shop',
        status: 'firing',
        at,
        summary: '',
        symptoms,
        labels: {},
        links: [],
        ...more,
      }
      signals.set(key, { signal, count: (signals.get(key)?.count ?? 0) + 1 })
      return { ...this.at(seconds), signals: [...signals.values()] }
    },
    /** The same signal once more: counted, not said anew. */
    repeat(seconds: number, key: string, times: number) {
      const known = signals.get(key)!
      signals.set(key, { ...known, count: known.count + times })
      return this.at(seconds)
    },
    at(seconds: number, pinned?: Severity) {
      state = assessSeverity(state, { now: start + seconds * 1000, signals: signals.values(), pinned }, policy)
      return state
    },
  }
}

const errors = (ratio: number): Symptom[] => [{ kind: 'errorRate', ratio, requests: 1000 }]

test('a figure raises when it is seen twice in a row, a fact at once', () => {
  const service = observing()
  expect(service.say(0, 'ratio', errors(0.6)).severity).toBe(null)
  expect(service.say(15, 'ratio', errors(0.6)).severity).toBe('P0')

  expect(observing().say(0, 'database', [{ kind: 'dependency', name: 'pg', role: 'database' }]).severity).toBe('P0')
})

test('assessing the same observation again is no second observation', () => {
  const service = observing()
  service.say(0, 'ratio', errors(0.6))
  expect(service.at(15).severity).toBe(null)
  expect(service.at(30).severity).toBe(null)
})

test('a worse figure seen once counts as the level that was seen twice', () => {
  const service = observing()
  service.say(0, 'ratio', errors(0.28))
  const { severity, reasons } = service.say(15, 'ratio', errors(0.61))
  expect(severity).toBe('P1')
  expect(reasons).toMatchObject([{ level: 'P1', threshold: 0.1, observed: 0.61, detail: { unconfirmed: 'P0' } }])
})

test('it is lowered one level at a time, after two minutes below the exit threshold', () => {
  const service = observing()
  service.say(0, 'ratio', errors(0.6))
  service.say(15, 'ratio', errors(0.6))
  expect(service.say(30, 'ratio', errors(0.41)).severity).toBe('P0')
  expect(service.say(600, 'ratio', errors(0.41)).severity).toBe('P0')
  expect(service.say(615, 'ratio', errors(0), { status: 'resolved' }).severity).toBe('P0')
  expect(service.at(734).severity).toBe('P0')
  expect(service.at(735).severity).toBe('P1')
  expect(service.at(855).severity).toBe('P2')
  expect(service.at(975).severity).toBe('P3')
  expect(service.at(1095)).toMatchObject({ severity: null, reasons: [] })
})

test('it is never below the pin, and may be above', () => {
  const service = observing()
  service.say(0, 'ratio', errors(0.02))
  expect(service.at(1, 'P1')).toMatchObject({ severity: 'P1', reasons: [{ rule: 'pinned' }] })
  service.say(15, 'ratio', errors(0.9))
  expect(service.say(30, 'ratio', errors(0.9)).severity).toBe('P0')
  expect(service.at(31, 'P1').severity).toBe('P0')
})

test('a stale signal neither raises nor counts as calm', () => {
  const service = observing()
  service.say(0, 'ratio', errors(0.6), { staleAfterMs: 60_000 })
  service.say(15, 'ratio', errors(0.6), { staleAfterMs: 60_000 })
  service.say(16, 'other', [], { status: 'resolved' })
  const { severity, inconclusive } = service.at(3600)
  expect(severity).toBe('P0')
  expect(inconclusive).toMatchObject([{ rule: 'stale', observed: 'ratio' }])
})

test('a repetition that was only counted is an observation', () => {
  const service = observing()
  service.say(0, 'ratio', errors(0.6))
  expect(service.repeat(15, 'ratio', 1).severity).toBe('P0')
})

test('two keys that each saw it once have not seen it twice', () => {
  const service = observing()
  service.say(0, 'edge', errors(0.6))
  expect(service.say(1, 'app', errors(0.6)).severity).toBe(null)
})

test('what was seen once is listed as not yet judged', () => {
  expect(observing().say(0, 'ratio', errors(0.6)).inconclusive).toEqual([
    {
      rule: 'errorRate',
      observed: 0.6,
      why: 'seen at P0 or worse 1 of 2 times in a row',
      settledBy: 'the next observation',
    },
  ])
})

test('a better look between two bad ones starts the count again, an inconclusive one does not', () => {
  const broken = observing()
  broken.say(0, 'ratio', errors(0.6))
  broken.say(15, 'ratio', errors(0))
  expect(broken.say(30, 'ratio', errors(0.6)).severity).toBe(null)

  const quiet = observing()
  quiet.say(0, 'ratio', errors(0.6))
  quiet.say(15, 'ratio', [{ kind: 'errorRate', ratio: 1, requests: 2 }])
  expect(quiet.say(30, 'ratio', errors(0.6)).severity).toBe('P0')
})

test('a look that came after the last one had gone stale is a first one', () => {
  const service = observing()
  service.say(0, 'ratio', errors(0.6), { staleAfterMs: 60_000 })
  expect(service.say(3600, 'ratio', errors(0.6), { staleAfterMs: 60_000 }).severity).toBe(null)
})

test('every figure needs a second look, and no fact does', () => {
  const figures: Symptom[] = [
    { kind: 'errorRate', ratio: 0.6 },
    { kind: 'latency', ms: 900, baselineMs: 200 },
    { kind: 'checks', passing: 0, total: 3, intermittent: false },
    { kind: 'capacity', resource: 'disk', used: 0.99 },
    { kind: 'burnRate', slo: 0.999, long: { rate: 20, windowMs: 3_600_000 }, short: { rate: 20, windowMs: 300_000 } },
  ]
  const facts: Symptom[] = [
    { kind: 'outage', extent: 'partial' },
    { kind: 'security', detail: 'keys' },
    { kind: 'dependency', name: 'pg', role: 'database' },
    { kind: 'function', name: 'pay', critical: true },
    { kind: 'crash', oom: true, count: 1, windowMs: 1000 },
    { kind: 'warning', detail: 'disk' },
    { kind: 'stated', severity: 'P1' },
  ]
  const policy = defineSeverityPolicy({ ...standardPolicy, slo: 0.999 })
  for (const figure of figures) expect(observing(policy).say(0, 'key', [figure]).severity, figure.kind).toBe(null)
  for (const fact of facts) expect(observing(policy).say(0, 'key', [fact]).severity, fact.kind).not.toBe(null)
})

describe('lowering', () => {
  /** A service at P1 by a figure, then calm by another one: is it lowered after the hold? */
  const loweredBy = (bad: Symptom, calm: Symptom, policy = standardPolicy) => {
    const service = observing(policy)
    service.say(0, 'key', [bad])
    const raised = service.say(15, 'key', [bad]).measured
    service.say(30, 'key', [calm], { status: 'resolved' })
    return [raised, service.at(30 + 120).measured]
  }

  test.each([
    [{ kind: 'errorRate', ratio: 0.2 }, { kind: 'errorRate', ratio: 0.08 }, ['P1', 'P1']],
    [{ kind: 'errorRate', ratio: 0.2 }, { kind: 'errorRate', ratio: 0.0799 }, ['P1', 'P2']],
    [{ kind: 'latency', ms: 300, baselineMs: 100 }, { kind: 'latency', ms: 160, baselineMs: 100 }, ['P1', 'P1']],
    [{ kind: 'latency', ms: 300, baselineMs: 100 }, { kind: 'latency', ms: 159, baselineMs: 100 }, ['P1', 'P2']],
    [{ kind: 'latency', ms: 40, baselineMs: 4 }, { kind: 'latency', ms: 40, baselineMs: 4 }, [null, null]],
    [
      { kind: 'capacity', resource: 'disk', used: 0.96 },
      { kind: 'capacity', resource: 'disk', used: 0.77 },
      ['P1', 'P1'],
    ],
    [
      { kind: 'capacity', resource: 'disk', used: 0.96 },
      { kind: 'capacity', resource: 'disk', used: 0.75 },
      ['P1', 'P2'],
    ],
    [
      { kind: 'checks', passing: 2, total: 3, intermittent: false },
      { kind: 'checks', passing: 3, total: 3, intermittent: true },
      ['P1', 'P1'],
    ],
    [
      { kind: 'checks', passing: 2, total: 3, intermittent: false },
      { kind: 'checks', passing: 3, total: 3, intermittent: false },
      ['P1', 'P2'],
    ],
  ] satisfies [Symptom, Symptom, unknown][])('%o, then %o', (bad, calm, expected) => {
    expect(loweredBy(bad, calm)).toEqual(expected)
  })

  test('of a burn rate waits until a window is below 0.8 of its factor', () => {
    const policy = defineSeverityPolicy({ ...standardPolicy, slo: 0.999 })
    const burn = (long: number, short: number): Symptom => ({
      kind: 'burnRate',
      slo: 0.999,
      long: { rate: long, windowMs: 3_600_000 },
      short: { rate: short, windowMs: 300_000 },
    })
    expect(loweredBy(burn(20, 20), burn(20, 11.6), policy)).toEqual(['P1', 'P1'])
    expect(loweredBy(burn(20, 20), burn(20, 11.4), policy)).toEqual(['P1', 'P2'])
  })

  test('starts anew when it gets worse in between', () => {
    const service = observing()
    service.say(0, 'ratio', errors(0.2))
    service.say(15, 'ratio', errors(0.2))
    service.say(30, 'ratio', errors(0))
    service.say(100, 'ratio', errors(0.09))
    expect(service.say(115, 'ratio', errors(0)).severity).toBe('P1')
    expect(service.at(234).severity).toBe('P1')
    expect(service.at(235).severity).toBe('P2')
  })

  test('does not go below what still fires', () => {
    const service = observing()
    service.say(0, 'warning', [{ kind: 'warning', detail: 'disk grows' }])
    service.say(1, 'database', [{ kind: 'dependency', name: 'pg', role: 'database' }])
    service.say(2, 'database', [{ kind: 'dependency', name: 'pg', role: 'database' }], { status: 'resolved' })
    for (const seconds of [122, 242, 362, 482, 602]) service.at(seconds)
    expect(service.at(9999)).toMatchObject({ severity: 'P3', reasons: [{ rule: 'warning' }] })
  })

  test('needs somebody who says that it is well: silence, no traffic and inconclusive looks do not', () => {
    const service = observing()
    service.say(0, 'ratio', errors(0.6))
    service.say(15, 'ratio', errors(0.6))
    service.say(30, 'ratio', [{ kind: 'errorRate', ratio: 0, requests: 0 }], { status: 'resolved' })
    service.say(600, 'ratio', [{ kind: 'errorRate', ratio: 0.5, requests: 4 }], { status: 'resolved' })
    expect(service.at(9999).severity).toBe('P0')
  })

  test('waits for a key whose last looks said nothing, although another key is well', () => {
    const service = observing()
    service.say(0, 'ratio', errors(0.6))
    service.say(15, 'ratio', errors(0.6))
    service.say(30, 'ratio', [{ kind: 'errorRate', ratio: 0, requests: 0 }], { status: 'resolved' })
    service.say(31, 'checks', [{ kind: 'checks', passing: 3, total: 3, intermittent: false }], { status: 'resolved' })
    service.at(200)
    expect(service.at(9999)).toMatchObject({
      severity: 'P0',
      reasons: [{ rule: 'held', detail: { waitsFor: 'ratio' } }],
    })
  })

  test('needs one conclusive window of a ratio, not all; and no objective for a burn rate that nobody judges', () => {
    const service = observing()
    service.say(0, 'ratio', errors(0.2))
    service.say(15, 'ratio', errors(0.2))
    const quiet: Symptom[] = [
      { kind: 'errorRate', ratio: 0, requests: 0, windowMs: 60_000 },
      { kind: 'errorRate', ratio: 0, requests: 40, windowMs: 300_000 },
      { kind: 'burnRate', slo: 0.999, long: { rate: 9, windowMs: 3_600_000 }, short: { rate: 9, windowMs: 300_000 } },
    ]
    service.say(30, 'ratio', quiet, { status: 'resolved' })
    expect(service.at(150).severity).toBe('P2')
  })

  test('is not stopped by a difference that nobody feels, nor by a figure without a baseline', () => {
    const slow: readonly Symptom[] = [
      { kind: 'latency', ms: 40, baselineMs: 4 },
      { kind: 'latency', ms: 900, baselineMs: 0 },
    ]
    for (const figure of slow) {
      const service = observing()
      service.say(0, 'outage', [{ kind: 'outage', extent: 'partial' }])
      service.say(1, 'outage', [], { status: 'resolved' })
      service.say(2, 'p95', [figure])
      expect(service.at(200).severity).toBe('P2')
    }
  })

  test('is not granted by a signal that has gone stale', () => {
    const service = observing()
    service.say(0, 'outage', [{ kind: 'outage', extent: 'partial' }])
    service.say(1, 'outage', [], { status: 'resolved', staleAfterMs: 30_000 })
    expect(service.at(60).severity).toBe('P1')
    expect(service.at(9999).severity).toBe('P1')
  })

  test('says in its reason what it waits for, and when it is lowered', () => {
    const service = observing()
    service.say(0, 'ratio', errors(0.6))
    service.say(15, 'ratio', errors(0.6))
    expect(service.say(30, 'ratio', errors(0.45)).reasons.map(describeReason)).toEqual([
      'P0 is held, now P1; waits for ratio',
      'error rate 45 % is 10 % or more (450 of 1000)',
    ])
    const calm = service.say(45, 'ratio', errors(0))
    expect(calm.reasons.map(describeReason)).toEqual([
      'P0 is held, now calm; lowered at 2026-11-23T02:02:45.000Z if it stays calm',
    ])
    expect(calm.nextAt).toBe(start + 165_000)
  })
})

describe('the scenarios', () => {
  /** Observed every 15 s from the given ratio at each second, over the last minute and the last five. */
  function observe(ratioAt: (second: number) => number, until: number, requestsPerSecond = 20) {
    const service = observing()
    const history: [number, string | null][] = []
    const mean = (from: number, to: number) => {
      let sum = 0
      for (let second = from; second < to; second += 1) sum += second < 0 ? 0.001 : ratioAt(second)
      return sum / (to - from)
    }
    for (let second = 15; second <= until; second += 15) {
      const windows = [60, 300].map((span): Symptom => ({
        kind: 'errorRate',
        ratio: mean(second - span, second),
        requests: span * requestsPerSecond,
        windowMs: span * 1000,
      }))
      const { severity } = service.say(second, 'prometheus', windows)
      if (history.at(-1)?.[1] !== severity) history.push([second, severity])
    }
    return history
  }

  test('60 % errors are P1 within 45 s and P0 within 90 s, once', () => {
    const history = observe(() => 0.6, 600)
    expect(history.map(([, level]) => level)).toEqual([null, 'P1', 'P0'])
    expect(history[1]![0]).toBeLessThanOrEqual(45)
    expect(history[2]![0]).toBeLessThanOrEqual(90)
  })

  test('exactly 50 % are P1 and never P0', () => {
    expect(observe(() => 0.5, 1800).map(([, level]) => level)).toEqual([null, 'P1'])
  })

  test('12 % and none in turn, a minute each, are one P1 for half an hour', () => {
    const levels = observe((second) => (Math.floor((second + 7) / 60) % 2 === 0 ? 0.12 : 0), 1800).map(
      ([, level]) => level,
    )
    expect(levels.filter((level) => level === 'P1')).toHaveLength(1)
    expect(levels.at(-1)).toBe('P1')
  })

  test('3 failures of 20 requests in one window, then none, are no incident', () => {
    const service = observing()
    const first = service.say(15, 'prometheus', [{ kind: 'errorRate', ratio: 0.15, requests: 20 }])
    expect(first).toMatchObject({ severity: null, inconclusive: [{ rule: 'errorRate' }] })
    expect(service.say(30, 'prometheus', errors(0)).severity).toBe(null)
  })

  test('a response time of exactly twice the baseline is P2, and P1 within a minute of going over', () => {
    const service = observing()
    const slow = (ms: number): Symptom[] => [{ kind: 'latency', ms, baselineMs: 200, samples: 300 }]
    for (let second = 15; second <= 600; second += 15) service.say(second, 'p95', slow(400))
    expect(service.at(600).severity).toBe('P2')
    service.say(615, 'p95', slow(400.1))
    expect(service.say(630, 'p95', slow(400.1)).severity).toBe('P1')
  })
})

test('a recorded figure that cannot be true stops nothing: it is named, and no verdict', () => {
  const service = observing()
  service.say(0, 'ratio', errors(0.6))
  service.say(15, 'ratio', errors(0.6))
  const { severity, inconclusive } = service.say(30, 'ratio', [{ kind: 'errorRate', ratio: Number.NaN }])
  expect(severity).toBe('P0')
  expect(inconclusive).toMatchObject([{ rule: 'signal', why: expect.stringContaining('symptoms[0].ratio') }])
  expect(observing().say(0, 'odd', null as never).inconclusive).toMatchObject([{ rule: 'signal' }])
})

test('a signal that fires without a symptom is no verdict, and says so', () => {
  expect(observing().say(0, 'odd', [])).toMatchObject({
    severity: null,
    inconclusive: [{ rule: 'signal', why: 'odd: fires without a symptom' }],
  })
})

test('what had gone stale before anybody looked raises nothing', () => {
  const firstSeenAt = (seconds: number) => {
    const { signals } = observing().say(0, 'security', [{ kind: 'security', detail: 'keys' }], { staleAfterMs: 60_000 })
    return assessSeverity(undefined, { now: start + seconds * 1000, signals }).severity
  }
  expect(firstSeenAt(60)).toBe('P0')
  expect(firstSeenAt(61)).toBe(null)
})

test('a resolved signal counts for nothing and ends the run, whatever figure it carries', () => {
  const service = observing()
  service.say(0, 'ratio', errors(0.6))
  expect(service.say(15, 'ratio', errors(0.6), { status: 'resolved' }).severity).toBe(null)
  expect(service.say(30, 'ratio', errors(0.6)).severity).toBe(null)
})

test('after a restart it goes on from the recorded severity: never lowered for want of memory', () => {
  const reasons = [{ level: 'P0', rule: 'outage', observed: 'complete', threshold: 'complete' }] as const
  const resumed = resumeSeverity({ severity: 'P0', since: start, reasons })
  const later = assessSeverity(resumed, { now: start + 600_000, signals: [] })
  expect(later).toMatchObject({ severity: 'P0', since: start })
  expect(assessSeverity(later, { now: start + 1_200_000, signals: [] }).severity).toBe('P0')
})

test('a key that is left out, because somebody silenced it, neither raises nor holds', () => {
  const service = observing()
  service.say(0, 'noise', [{ kind: 'outage', extent: 'partial' }])
  const { signals, ...state } = service.say(1, 'checks', [], { status: 'resolved' })
  const rest = signals.filter(({ signal }) => signal.key !== 'noise')
  const without = assessSeverity(state, { now: start + 2_000, signals: rest })
  expect(without).toMatchObject({ severity: 'P1', reasons: [{ rule: 'held', observed: 'calm' }] })
  expect(assessSeverity(without, { now: start + 122_000, signals: rest }).severity).toBe('P2')
})

test('a storm keeps its reasons readable, and its level right', () => {
  const service = observing()
  for (let index = 0; index < 300; index += 1)
    service.say(index, `key-${index}`, [{ kind: 'dependency', name: `database ${index}`, role: 'other' }])
  const { severity, reasons, keys } = service.say(301, 'last', [{ kind: 'security', detail: 'keys' }])
  expect(severity).toBe('P0')
  expect(keys).toHaveLength(301)
  expect(reasons.length).toBeLessThanOrEqual(40)
  expect(reasons[0]?.rule).toBe('security')
})
