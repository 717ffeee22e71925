import type { IncidentLog, Notifier, Severity } from '@firebreak/core'
import { expect, test } from 'vitest'
import { together } from './fixtures/troubled-log.ts'
import { standardRunbook, type AnyPart } from './index.ts'
import { outage } from './responder.fixture.ts'

const minute = 60_000
const hour = 60 * minute

/** A responder with the runbook's people, and the messages that they read. */
function house() {
  const { clock, shared, join } = together()
  const read: { readonly at: string; readonly title: string }[] = []
  const phone: Notifier = { name: 'phone', reach: 'wake', send: async () => ({ state: 'delivered' }) }
  const chat: Notifier = {
    name: 'chat',
    reach: 'read',
    async send({ title }) {
      read.push({ at: new Date(clock.now()).toISOString(), title })
      return { state: 'delivered' }
    },
  }
  const people = { manager: [phone, chat], engineer: phone }
  const begin = async (log: IncidentLog = shared, more: readonly AnyPart[] = []) => {
    const { responder } = join([...more, ...standardRunbook({ people })], { log })
    await responder.start()
    return responder
  }
  const until = (time: string) => clock.advance(Date.parse(time) - clock.now())
  const digests = () => read.filter(({ title }) => title.includes('daily digest'))

  /** They fall ill together, and are well and over an hour later. */
  async function comeAndGo(responder: Awaited<ReturnType<typeof begin>>, services: readonly string[], level: Severity) {
    for (const service of services)
      await responder.ingest(outage(clock, { service, symptoms: [{ kind: 'stated', severity: level }] }))
    await clock.advance(minute)
    for (const service of services) await responder.ingest(outage(clock, { service, status: 'resolved', symptoms: [] }))
    await clock.advance(hour)
    for (const service of services) expect((await responder.incident(service)).status).toBe('resolved')
  }
  return { clock, shared, begin, until, digests, comeAndGo }
}

/** More than are taken up of those that are over. */
const storm = Array.from({ length: 21 }, (_, index) => `other-${index}`)

test.each([
  ['of an evening, in the night', '2026-11-23T22:00Z', '2026-11-23T23:10Z', '2026-11-24T02:00Z', '2026-11-24T09:00:00'],
  ['of a Friday, on Sunday', '2026-11-27T22:00Z', '2026-11-28T12:00Z', '2026-11-29T12:00Z', '2026-11-30T09:00:00'],
  // Nobody ran when it was due, nor for the rest of that day.
  ['of a Friday, on Tuesday', '2026-11-27T22:00Z', '2026-11-28T12:00Z', '2026-12-01T10:00Z', '2026-12-01T10:00:00'],
])('a digest %s, survives a start after more than are taken up are over', async (_when, ill, crowd, start, told) => {
  const { clock, begin, until, digests, comeAndGo } = house()
  await until(ill)
  const first = await begin()
  await comeAndGo(first, ['quiet'], 'P3')
  await until(crowd)
  await comeAndGo(first, storm, 'P0')
  await clock.run(first.stop())
  await until(start)
  const others = [await begin(), await begin()]
  await clock.advance(48 * hour)
  expect(digests()).toEqual([
    { at: expect.stringContaining(told) as string, title: expect.stringContaining('quiet') as string },
  ])
  await clock.run(Promise.all(others.map((other) => other.stop())))
})

test('a part that cannot say where something may wait keeps nobody from starting, nor what others say from being read', async () => {
  const { clock, begin, until, digests, comeAndGo } = house()
  await until('2026-11-27T22:00Z')
  const first = await begin()
  await comeAndGo(first, ['quiet'], 'P3')
  await comeAndGo(first, storm, 'P0')
  await clock.run(first.stop())
  const desks = () => {
    throw new Error('no idea')
  }
  const second = await begin(undefined, [{ name: 'lost', over: 'desk', plan: () => [], desks }])
  await until('2026-11-30T10:00Z')
  expect(digests()).toHaveLength(1)
  await clock.run(second.stop())
})

test('a start reads no more streams after a longer past: what ended more than a day ago has had its last word', async () => {
  const { clock, shared, begin, comeAndGo } = house()
  const first = await begin()
  const readsOfAStart = async () => {
    let reads = 0
    const counting: IncidentLog = {
      ...shared,
      read(stream, options) {
        reads += 1
        return shared.read(stream, options)
      },
      readAll() {
        throw new Error('the whole log was read')
      },
    }
    const other = await begin(counting)
    await clock.advance(minute)
    await clock.run(other.stop())
    return reads
  }
  await comeAndGo(first, storm, 'P0')
  await clock.advance(25 * 60 * minute)
  const before = await readsOfAStart()
  await comeAndGo(
    first,
    storm.map((service) => `more-${service}`),
    'P0',
  )
  await clock.advance(25 * 60 * minute)
  expect(await readsOfAStart()).toBe(before)
  await clock.run(first.stop())
})
