import { describe, expect, test } from 'vitest'
import type { Drive } from '../fixtures/drive.ts'
import { bad, incident } from '../fixtures/incident.ts'
import { badRelease, minute } from '../fixtures/shop.ts'
import type { MemoryTarget } from '../testing/index.ts'

const writes = ({ calls }: MemoryTarget) =>
  calls.filter(({ call }) => ['update', 'restart', 'isolate', 'rejoin', 'scale', 'recordRelease'].includes(call))
const guards = (loop: Drive) => loop.of('guard.refused').map(({ guard }) => guard)

describe('a person decides', () => {
  test('scenario 2: at P1 an approval is asked for, bound to the plan, and nothing is written', async () => {
    const world = await badRelease({}, { ratio: 0.5, sinceMs: 4 * minute })
    const loop = await incident(world, { severity: 'P1' })
    await loop.until(10 * minute)
    expect(writes(world.target)).toEqual([])
    const [asked, ...more] = loop.of('approval.requested')
    expect(more).toEqual([])
    expect(asked).toMatchObject({ action: 'rollback/v3', approval: '7K42-rollback-v3-1' })
    expect(Date.parse(asked!['expiresAt'] as string)).toBeLessThanOrEqual(world.clock.now() + 15 * minute)
    expect(loop.incident.plan, 'nothing is planned that nobody allowed').toBeUndefined()
  })

  async function asked(severity = 'P1') {
    const world = await badRelease({}, { ratio: 0.5, sinceMs: 4 * minute })
    const loop = await incident(world, { severity })
    await loop.until(minute)
    const [request] = loop.of('approval.requested')
    const decide = (type: string) =>
      loop.record({
        type,
        data: { service: 'shop', approval: request!['approval'], digest: request!['digest'], by: 'mia' },
      })
    return { world, loop, decide }
  }

  test('a granted approval rolls back, without waiting for a page', async () => {
    const { world, loop, decide } = await asked()
    decide('approval.granted')
    await loop.until(10 * minute)
    expect(world.target.applied).toHaveLength(3)
    expect(loop.incident.plan?.approval).toBe('7K42-rollback-v3-1')
    expect(loop.incident.status).toBe('mitigated')
  })

  test('an approval is for one plan: when the world has changed another is asked for', async () => {
    const { world, loop, decide } = await asked()
    world.target.change('m3', { state: 'gone' })
    decide('approval.granted')
    await loop.until(minute)
    expect(world.target.applied).toEqual([])
    expect(guards(loop)).toContain('digest')
    expect(loop.of('approval.requested')).toHaveLength(2)
  })

  test('the one that is granted for the world as it is now is used, once', async () => {
    const { world, loop, decide } = await asked()
    world.target.change('m3', { state: 'gone' })
    decide('approval.granted')
    await loop.until(minute)
    const [, newer] = loop.of('approval.requested')
    loop.record({
      type: 'approval.granted',
      data: { service: 'shop', approval: newer!['approval'], digest: newer!['digest'], by: 'mia' },
    })
    await loop.until(10 * minute)
    expect(world.target.applied.map(({ unit }) => unit)).toEqual(['m1', 'm2'])
    expect(loop.incident.status).toBe('mitigated')
    expect(loop.of('rollback.planned')).toHaveLength(1)
  })

  test('a grant that nobody could use in time is asked for again', async () => {
    const { world, loop, decide } = await asked()
    decide('approval.granted')
    loop.tellService({ type: 'hold.placed', data: { hold: 'h', reason: 'freeze', by: 'mia' } })
    await loop.until(30 * minute)
    loop.tellService({ type: 'hold.released', data: { hold: 'h', by: 'mia' } })
    await loop.until(minute)
    expect(world.target.applied).toEqual([])
    expect(loop.of('approval.requested')).toHaveLength(2)
  })

  test('denied is denied; it is asked again only when it becomes worse', async () => {
    const { world, loop, decide } = await asked()
    decide('approval.denied')
    await loop.until(20 * minute)
    expect(writes(world.target)).toEqual([])
    expect(loop.of('approval.requested')).toHaveLength(1)
  })

  test('an approval that nobody gives lapses, and is not taken late', async () => {
    const { world, loop, decide } = await asked()
    await loop.until(16 * minute)
    expect(loop.of('approval.expired')).toHaveLength(1)
    decide('approval.granted')
    await loop.until(5 * minute)
    expect(writes(world.target)).toEqual([])
  })

  test('an approval lifts what only a person may lift, and never a lease', async () => {
    const world = await bad({ hasReleaseCommand: true })()
    const loop = await incident(world)
    await loop.until(minute)
    const [request] = loop.of('approval.requested')
    world.target.lockBy('ci', 3 * minute)
    loop.record({
      type: 'approval.granted',
      data: { service: 'shop', approval: request!['approval'], digest: request!['digest'], by: 'mia' },
    })
    await loop.until(2 * minute)
    expect(world.target.applied).toEqual([])
    expect(guards(loop)).toContain('lease')
    await loop.until(5 * minute)
    expect(world.target.applied, 'the lease has ended, the approval has not').toHaveLength(3)
  })

  test('a raise to P0 while an approval waits acts by itself', async () => {
    const { world, loop } = await asked()
    world.target.behave('shop:3', { errorRatio: 0.8 })
    loop.record({ type: 'incident.assessed', data: { service: 'shop', severity: 'P0', reasons: [] } })
    const at = new Date(world.clock.now()).toISOString()
    loop.record(
      {
        type: 'page.requested',
        data: { request: 'p0', severity: 'P0', kind: 'trigger', reach: 'wake', to: 'manager', due: at },
      },
      { type: 'page.sent', data: { requests: ['p0'], to: 'manager', notifier: 'sms', receipt: { state: 'accepted' } } },
    )
    await loop.until(5 * minute)
    expect(world.target.applied).toHaveLength(3)
  })
})
