import { emptyIncident, emptyService, type Incident } from '@firebreak/core'
import { expect, test } from 'vitest'
import { createResolver, standardBake, type BakeMs } from './resolver.ts'

const start = Date.parse('2026-11-23T02:00:00Z')
const minute = 60_000
const resolver = createResolver()

/** Quiet since the start. */
function quiet(more: Partial<Incident>) {
  const incident: Incident = {
    ...emptyIncident('incident/shop/1'),
    version: 1,
    severity: 'P0',
    worst: 'P0',
    quietSince: start,
    ...more,
  }
  return resolver
    .plan(incident, { now: start + minute, service: emptyService('service/shop') })
    .map(({ notBefore }) => notBefore)
}
const rollback = { service: 'shop', plan: 'p' } as unknown as NonNullable<Incident['plan']>
const finished = (action: string, at: number) =>
  ({ service: 'shop', action, outcome: 'verified', why: '', at }) as Incident['mitigations'][number]

test('what has been quiet for the bake time is closed', () => {
  expect(quiet({})).toEqual([start + 10 * minute])
})

test('not while a rollback is half-way, also when another remedy came to its end before', () => {
  const planned = { plan: rollback, plannedAt: start + 2 * minute }
  expect(quiet(planned)).toEqual([])
  expect(quiet({ ...planned, mitigations: [finished('restart/m2/1', start + minute)] })).toEqual([])
  expect(quiet({ ...planned, mitigations: [finished('rollback/v3', start + 3 * minute)] })).toHaveLength(1)
})

test('a bake time that is none is refused when it is given', () => {
  for (const bakeMs of [{ ...standardBake, P0: -1 }, { ...standardBake, P2: Number.NaN }, { P0: 1 } as BakeMs])
    expect(() => createResolver({ bakeMs })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
})
