import type { Severity, Signal, Symptom } from '@firebreak/core'
import { expect, test } from 'vitest'
import { assessSeverity, type SeverityState } from './index.ts'

const start = Date.parse('2026-11-23T02:00:00Z')

/** A service under observation: each call says something new about one key and assesses again. */
function observing() {
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
      return this.at(seconds)
    },
    at(seconds: number, pinned?: Severity) {
      state = assessSeverity(state, { now: start + seconds * 1000, signals: signals.values(), pinned })
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
