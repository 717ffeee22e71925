import { expect, test } from 'vitest'
import { outage } from './responder.fixture.ts'
import { night } from './fixtures/woken.ts'

const minute = 60_000
const services = Array.from({ length: 20 }, (_, index) => `s${index}`)
type World = ReturnType<typeof night>

/** POLICY §4, Storms: one group page that names every service; the first P0 at once, later ones within 60 s, nothing lost. */
function told(w: World, since: number) {
  const pages = w.wakes(since, 'manager').map(({ page }) => `${page.title}\n${page.text}`)
  const named = services.filter((service) => pages.some((page) => new RegExp(`\\b${service}\\b`).test(page)))
  return { few: pages.length <= 3, named: named.length }
}

async function each(w: World, act: (service: string) => Promise<unknown>) {
  for (const service of services) {
    await act(service)
    await w.clock.advance(1_000)
  }
}

test('the first storm is told in few messages', async () => {
  const w = night()
  const responder = await w.join()
  await each(w, (service) => responder.ingest(outage(w.clock, { service })))
  await w.clock.advance(minute)
  expect(told(w, 0)).toEqual({ few: true, named: 20 })
  await w.clock.run(responder.stop())
})

test('a storm that comes back within the reopening time is told in few messages, all services within a minute', async () => {
  const w = night()
  const responder = await w.join()
  await each(w, (service) => responder.ingest(outage(w.clock, { service })))
  await each(w, (service) => responder.ingest(outage(w.clock, { service, status: 'resolved', symptoms: [] })))
  await w.clock.advance(25 * minute)
  const again = w.clock.now()
  await each(w, (service) => responder.ingest(outage(w.clock, { service })))
  expect((await responder.incident('s19')).reopened).toBe(1)
  await w.clock.advance(minute)
  expect(told(w, again)).toEqual({ few: true, named: 20 })
  await w.clock.run(responder.stop())
})

test('acknowledgements of one storm that lapse together are told in few messages, all services within a minute', async () => {
  const w = night()
  const responder = await w.join()
  await each(w, (service) => responder.ingest(outage(w.clock, { service })))
  await w.clock.advance(minute)
  const taken = w.clock.now()
  await each(w, (service) => responder.acknowledge(service, { by: 'mia' }))
  await w.clock.advance(taken + 30 * minute - w.clock.now())
  await w.clock.advance(20_000 + minute)
  expect(told(w, taken + 30 * minute)).toEqual({ few: true, named: 20 })
  await w.clock.run(responder.stop())
})
