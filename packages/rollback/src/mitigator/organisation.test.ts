import { emptyService } from '@firebreak/core'
import { expect, test } from 'vitest'
import { standardAutomation } from '../automation.ts'
import { budgetGuard } from '../budget.ts'
import type { Drive } from '../fixtures/drive.ts'
import { incident } from '../fixtures/incident.ts'
import { badRelease, hour, minute, second } from '../fixtures/shop.ts'

/** Another service's rollback: begun, and ended where `over`. */
function another(loop: Drive, service: string, over: boolean) {
  const stream = `incident/${service}/1`
  const action = 'rollback/v9'
  const key = `${stream}/${action}/unit/a`
  loop.tellOrganisation({
    type: 'ledger.charged',
    data: { service: '*', action: `${action}/unit/a`, key, incident: stream },
  })
  if (over) loop.tellOrganisation({ type: 'ledger.settled', data: { service, action, incident: stream } })
}
const budgets = (loop: Drive) => loop.of('guard.refused').filter(({ guard }) => guard === 'budget')

test('a rollback counts for all services, under way from its first write to its end', async () => {
  const world = await badRelease()
  const loop = await incident(world)
  await loop.until(20 * second)
  expect(loop.organisation.charges).toMatchObject([{ action: 'rollback/v3/unit/m1', incident: 'incident/shop/1' }])
  expect(loop.organisation.charges[0]?.over).toBe(undefined)
  await loop.until(10 * minute)
  expect(loop.incident.status).toBe('mitigated')
  expect(loop.organisation.charges).toMatchObject([{ over: true }])
})

test('one at a time: while another service is rolled back this one waits, says so, and then goes on by itself', async () => {
  const world = await badRelease()
  const loop = await incident(world)
  another(loop, 'api', false)
  await loop.until(5 * minute)
  expect(world.target.applied).toEqual([])
  expect(budgets(loop)).toMatchObject([
    {
      observed: '1 over all services in 1 h, under way: api',
      needed: 'fewer than 3 over all services in 1 h, 1 at a time',
      next: 'firebreak rollback -a shop',
    },
  ])
  expect(loop.of('approval.requested'), 'nobody is asked to hurry what ends soon').toEqual([])
  loop.tellOrganisation({
    type: 'ledger.settled',
    data: { service: 'api', action: 'rollback/v9', incident: 'incident/api/1' },
  })
  await loop.until(10 * minute)
  expect(loop.incident.status).toBe('mitigated')
})

test('a plan that was made before the other one began waits for its end as well', async () => {
  const world = await badRelease()
  const loop = await incident(world)
  while (!loop.types().includes('rollback.planned')) await loop.until(second)
  another(loop, 'api', false)
  await loop.until(minute)
  expect(world.target.applied).toEqual([])
  loop.tellOrganisation({
    type: 'ledger.settled',
    data: { service: 'api', action: 'rollback/v9', incident: 'incident/api/1' },
  })
  await loop.until(10 * minute)
  expect(loop.incident.status).toBe('mitigated')
})

test('three in an hour over all services: for the fourth a person is asked', async () => {
  const world = await badRelease()
  const loop = await incident(world)
  for (const service of ['api', 'web', 'auth']) another(loop, service, true)
  await loop.until(5 * minute)
  expect(world.target.applied).toEqual([])
  expect(budgets(loop)).toMatchObject([{ observed: '3 over all services in 1 h' }])
  const [request] = loop.of('approval.requested')
  loop.record({
    type: 'approval.granted',
    data: { service: 'shop', approval: request!['approval'], digest: request!['digest'], by: 'mia' },
  })
  await loop.until(10 * minute)
  expect(loop.incident.status, 'what a person allows is his to answer for').toBe('mitigated')
})

test('what others begin never stops a rollback half-way', async () => {
  const world = await badRelease()
  const loop = await incident(world)
  while (world.target.applied.length === 0) await loop.until(second)
  for (const service of ['api', 'web', 'auth']) another(loop, service, false)
  await loop.until(10 * minute)
  expect(world.target.applied.map(({ unit }) => unit)).toEqual(['m1', 'm2', 'm3'])
  expect(loop.incident.status).toBe('mitigated')
})

test('one that was never heard of again is waited for an hour, and no longer', () => {
  const organisation = emptyService('service/*')
  const key = 'incident/api/1/rollback/v9/unit/a'
  organisation.charges.push({ action: 'rollback/v9/unit/a', key, at: 0, incident: 'incident/api/1' })
  const verdictAt = (now: number) =>
    budgetGuard({ service: emptyService('service/shop'), organisation }, standardAutomation, now).verdict
  expect([verdictAt(hour - 1), verdictAt(hour)]).toEqual(['no', 'ok'])
})

test('a rollback that was charged and never begun leaves its room when a person resolves the incident', async () => {
  const world = await badRelease()
  const loop = await incident(world)
  loop.held = true
  while (loop.organisation.charges.length === 0) await loop.until(second)
  expect(loop.organisation.charges).toMatchObject([{ action: 'rollback/v3/unit/m1' }])
  loop.record({ type: 'incident.resolved', data: { service: 'shop', by: 'mia', why: 'it was the load balancer' } })
  await loop.until(minute)
  expect(world.target.applied).toEqual([])
  expect(loop.organisation.charges).toMatchObject([{ over: true }])
  expect(loop.of('mitigation.finished')).toMatchObject([{ action: 'rollback/v3', outcome: 'aborted' }])
})
