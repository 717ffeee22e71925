import { expect, test } from 'vitest'
import { together } from '../fixtures/troubled-log.ts'
import { outage } from '../responder.fixture.ts'

test('a change that two responders hear in other words is noted once, and refused to neither sender', async () => {
  const { clock, join, typesOf } = together()
  const one = join().responder
  const two = join().responder
  await one.start()
  await two.start()
  const begun = outage(clock)
  await one.ingest(begun)
  await two.ingest(begun)
  await clock.advance(5_000)
  const over = outage(clock, { status: 'resolved', symptoms: [] })
  await Promise.all([one.ingest(over), two.ingest({ ...over, summary: 'as the other replica says it' })])
  expect((await one.incident('shop')).firing).toBe(0)
  expect(await typesOf('service/shop')).toEqual(['signal.observed'])
  await one.stop()
  await two.stop()
})
