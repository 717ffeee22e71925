import { expect, test } from 'vitest'
import type { Drive } from '../fixtures/drive.ts'
import { bad, incident } from '../fixtures/incident.ts'
import { badRelease, minute, second } from '../fixtures/shop.ts'
import { standardAutomation } from '../index.ts'

const announcements = (loop: Drive) => loop.of('release.suspected').map(({ automatic }) => automatic)

test('a first look that lacks only time says from when on the release is undone without asking, and at which levels', async () => {
  const world = await badRelease()
  const loop = await incident(world, { severity: 'P1' })
  const openedAt = world.clock.now()
  await loop.until(second)
  expect(announcements(loop).at(-1)).toEqual({
    levels: ['P0'],
    notBefore: new Date(openedAt + minute).toISOString(),
    afterPageMs: 10 * second,
  })
})

test('nothing is announced that will not be done by itself', async () => {
  const approve = { ...standardAutomation, mode: 'approve' } as const
  const asking = await incident(await badRelease(), { automation: approve })
  await asking.until(minute)
  expect(announcements(asking).every((it) => it === undefined)).toBe(true)

  const unlisted = await incident(await badRelease(), { automation: { ...standardAutomation, services: ['api'] } })
  await unlisted.until(minute)
  expect(announcements(unlisted).every((it) => it === undefined)).toBe(true)

  const held = await incident(await badRelease())
  held.tellService({ type: 'hold.placed', data: { hold: 'h', reason: 'freeze', by: 'mia' } })
  await held.until(minute)
  expect(announcements(held).every((it) => it === undefined)).toBe(true)

  const spent = await incident(await bad()())
  spent.tellService({
    type: 'ledger.charged',
    data: { service: 'shop', action: 'rollback/v2/unit/m1', key: 'incident/shop/0/rollback/v2/unit/m1' },
  })
  await spent.until(minute)
  expect(announcements(spent).every((it) => it === undefined)).toBe(true)
})
