import { expect, test } from 'vitest'
import { together } from '../fixtures/troubled-log.ts'
import { outage } from '../responder.fixture.ts'

const minute = 60_000

test('what falls ill at two responders at the same moment is linked, once', async () => {
  const { clock, join, typesOf } = together()
  const one = join().responder
  const two = join().responder
  await one.start()
  await two.start()
  await Promise.all([one.ingest(outage(clock)), two.ingest(outage(clock, { service: 'api' }))])
  await clock.advance(minute)
  expect((await one.incident('shop')).linked).toEqual(['incident/api/1'])
  expect((await two.incident('api')).linked).toEqual(['incident/shop/1'])
  for (const stream of ['incident/shop/1', 'incident/api/1'])
    expect((await typesOf(stream)).filter((type) => type === 'incident.linked')).toHaveLength(1)
  await one.stop()
  await two.stop()
})

test('what another responder opened long before is no neighbour', async () => {
  const { clock, join } = together()
  const one = join().responder
  const two = join().responder
  await one.start()
  await two.start()
  await one.ingest(outage(clock))
  await clock.advance(6 * minute)
  await two.ingest(outage(clock, { service: 'api' }))
  await clock.advance(minute)
  expect((await two.incident('api')).linked).toEqual([])
  await one.stop()
  await two.stop()
})
