import type { IncidentLog, Symptom } from '@firebreak/core'
import { expect, test } from 'vitest'
import { together } from '../fixtures/troubled-log.ts'
import { createResolver } from '../index.ts'
import { outage } from '../responder.fixture.ts'

const minute = 60_000

test('what comes back after the end is counted in a row, whatever else is looked at between', async () => {
  const { clock, join, typesOf } = together()
  const { responder } = join([createResolver()])
  await responder.start()
  const failing = async () => {
    const symptoms: readonly Symptom[] = [{ kind: 'errorRate', ratio: 0.9, requests: 1_200 }]
    await responder.ingest(outage(clock, { symptoms }))
    await clock.advance(15_000)
  }
  await failing()
  await failing()
  await responder.resolve('shop', { by: 'mia', why: 'fixed' })
  await clock.advance(minute)
  await failing()
  await responder.note('shop', { by: 'mia', text: 'is it back?' })
  await clock.advance(1_000)
  await failing()
  expect(await typesOf('incident/shop/1')).toContain('incident.reopened')
  expect((await responder.incident('shop')).severity).toBe('P0')
  await responder.stop()
})

test('an end that was heard of late leaves nothing of its round to the next one', async () => {
  const { clock, join } = together()
  const { responder: one } = join()
  const { responder: other, trouble } = join()
  await one.start()
  await other.start()
  const stated = (key: string, severity: 'P2' | 'P3') =>
    outage(clock, { key, symptoms: [{ kind: 'stated', severity }] })
  await one.ingest(stated('front', 'P2'))
  await clock.advance(minute)
  await one.resolve('shop', { by: 'mia', why: 'fixed' })
  await clock.advance(minute)
  await one.ingest(stated('front', 'P2'))
  await other.ingest(stated('back', 'P2'))
  await clock.advance(minute)
  trouble.hears = false
  await one.resolve('shop', { by: 'mia', why: 'fixed again' })
  await clock.advance(minute)
  await other.ingest(stated('side', 'P3'))
  await clock.advance(minute)
  const { severity, reopened, signals } = await other.incident('shop')
  expect({ severity, reopened, keys: [...signals.keys()] }).toEqual({ severity: 'P3', reopened: 2, keys: ['side'] })
  await one.stop()
  await other.stop()
})

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve()
}
const races = [0, 2, 5, 12, 40].flatMap((delay) => [0, 1, 4, 8, 16].map((lag) => ({ delay, lag })))

test.each(races)(
  'a word on its way while a person ends it is judged without what ended: $delay, $lag',
  async (race) => {
    const { clock, shared, join } = together()
    const log: IncidentLog = {
      ...shared,
      async append(writes) {
        await turns(race.delay)
        const appended = await shared.append(writes)
        await turns(race.delay)
        return appended
      },
    }
    const { responder } = join([createResolver()], { log })
    await responder.start()
    await responder.ingest(outage(clock, { key: 'http', symptoms: [{ kind: 'stated', severity: 'P2' }] }))
    await clock.advance(minute)
    const ending = responder.resolve('shop', { by: 'mia', why: 'known' })
    await turns(race.lag)
    const saying = responder.ingest(outage(clock, { key: 'other', symptoms: [{ kind: 'stated', severity: 'P3' }] }))
    await Promise.all([ending, saying])
    await clock.advance(20_000)
    const { status, severity, signals } = await responder.incident('shop')
    const seen = { status, severity, keys: [...signals.keys()] }
    const before = { status: 'resolved', severity: 'P2', keys: ['http', 'other'] }
    expect([before, { status: 'open', severity: 'P3', keys: ['other'] }]).toContainEqual(seen)
    await responder.stop()
  },
)
