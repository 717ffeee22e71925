import { expect, test } from 'vitest'
import { outage } from './responder.fixture.ts'
import { night } from './fixtures/woken.ts'

const minute = 60_000

/** POLICY §4: P1's first send is 60 s after opening, for it may vanish or become P0. Scenario 12: reopened, manager 1. */
test('what climbs through P1 to P0 within a minute wakes the manager once, at the opening and at the reopening', async () => {
  const { clock, join, wakes } = night()
  const responder = await join()
  const look = async (ratio: number, times: number) => {
    for (let turn = 0; turn < times; turn += 1) {
      const status = ratio > 0.01 ? 'firing' : 'resolved'
      await responder.ingest(outage(clock, { status, symptoms: [{ kind: 'errorRate', ratio, requests: 1_200 }] }))
      await clock.advance(15_000)
    }
  }
  const climb = async () => {
    const since = clock.now()
    await look(0.3, 2)
    await look(0.6, 4)
    return wakes(since, 'manager').map(({ page }) => page.severity)
  }
  expect(await climb()).toEqual(['P0'])
  await look(0, 90)
  expect((await responder.incident('shop')).status).toBe('resolved')
  expect(await climb()).toEqual(['P0'])
  expect((await responder.incident('shop')).reopened).toBe(1)
  await clock.advance(minute)
  await clock.run(responder.stop())
})

test('what is P1 for less than a minute wakes nobody, also when it reopens', async () => {
  const { clock, join, wakes } = night()
  const responder = await join()
  const brief = async () => {
    await responder.ingest(outage(clock, { symptoms: [{ kind: 'stated', severity: 'P1' }] }))
    await clock.advance(20_000)
    await responder.resolve('shop', { by: 'mia', why: 'it was a test' })
    await clock.advance(5 * minute)
  }
  await brief()
  expect(wakes()).toEqual([])
  await brief()
  expect((await responder.incident('shop')).reopened).toBe(1)
  expect(wakes().map(({ page }) => page.title)).toEqual([])
  await clock.run(responder.stop())
})
