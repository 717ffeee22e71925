import { InvalidInput } from '@firebreak/core'
import { describe, expect, test } from 'vitest'
import { createMitigator, scaleAutomation, standardAutomation, type Automation } from './index.ts'
import { memoryTarget } from './testing/index.ts'

const make = (change: object) => () =>
  createMitigator({ target: memoryTarget(), automation: { ...standardAutomation, ...change } as Automation })

test('the standard automation is what the policy says', () => {
  expect(standardAutomation).toMatchObject({
    mode: 'auto',
    rollback: { P0: { suspected: 'auto', possible: 'approve' }, P1: { suspected: 'approve', possible: 'approve' } },
    budget: { perIncident: 1, perHour: 1, perDay: 3 },
    afterPageMs: 10_000,
    approvalMs: 900_000,
  })
  expect(standardAutomation.rollback.P2).toBeUndefined()
  expect(make({})).not.toThrow()
})

describe('a part refuses, and names the field', () => {
  test.each<[string, object]>([
    ['mode', { mode: 'yes' }],
    ['rollback.P2', { rollback: { P2: { suspected: 'auto' } } }],
    ['rollback.P0.possible', { rollback: { P0: { possible: 'auto' } } }],
    ['rollback.P0.not-suspected', { rollback: { P0: { 'not-suspected': 'auto' } } }],
    ['rollback.P0.sure', { rollback: { P0: { sure: 'approve' } } }],
    ['rollback.P9', { rollback: { P9: {} } }],
    ['restart.P3', { restart: { P3: 'auto' } }],
    ['isolate.P1', { isolate: { P1: 'maybe' } }],
    ['scale', { scale: { P0: 'auto' } }],
    ['neverBelow', { neverBelow: 0.5 }],
    ['afterPageMs', { afterPageMs: Number.NaN }],
    ['unitMs', { unitMs: -1 }],
    ['isolateShare', { isolateShare: 1.5 }],
    ['proof.healthyRatio', { proof: { ...standardAutomation.proof, healthyRatio: 5 } }],
    ['suspect.measuredMs.P0', { suspect: { ...standardAutomation.suspect, measuredMs: { P0: Infinity } } }],
  ])('%s', (field, change) => {
    expect(make(change)).toThrow(InvalidInput)
    expect(make(change)).toThrow(field)
  })
  test('a target that is not there', () => {
    expect(() => createMitigator({ target: undefined as never })).toThrow(/target/)
  })
})

describe('in another time', () => {
  const fast = scaleAutomation(standardAutomation, 1 / 60)
  test('every duration is scaled, thresholds and counts are not', () => {
    expect(fast).toMatchObject({ afterPageMs: 167, unitMs: 5_000, approvalMs: 15_000 })
    expect(fast.suspect).toMatchObject({
      measuredMs: { P0: 1_000, P1: 3_000 },
      illRatio: 0.05,
      sources: 2,
      requestFactor: 2,
    })
    expect(fast.budget).toMatchObject({ perHour: 1, hourMs: 60_000 })
  })
  test.each([0, -1, Number.NaN, Infinity])('%d is no time', (factor) => {
    expect(() => scaleAutomation(standardAutomation, factor)).toThrow(/factor/)
  })
  test('a proof needs the traffic of its time, never less than a judgement; how old an image may be is the calendar', () => {
    expect(fast.proof).toMatchObject({ liveMs: 30_000, requests: 30, maxAgeMs: standardAutomation.proof.maxAgeMs })
    expect(scaleAutomation(standardAutomation, 1 / 10).proof.requests).toBe(100)
    expect(scaleAutomation(standardAutomation, 2).proof.requests).toBe(1_000)
  })
})
