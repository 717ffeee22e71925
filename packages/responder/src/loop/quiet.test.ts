import type { Part } from '@firebreak/core'
import { expect, test } from 'vitest'
import { together } from '../fixtures/troubled-log.ts'
import type { Responder } from '../index.ts'
import { outage } from '../responder.fixture.ts'

const second = 1_000
const minute = 60 * second
const names = ['shop', 'search', 'mail']

/** Calls once for each incident, ten minutes after it was opened and not while there is a hold. */
function caller() {
  const called: string[] = []
  const part: Part = {
    name: 'caller',
    plan: ({ openedAt }, { service }) =>
      service.holds.size > 0
        ? []
        : [{ key: 'call', notBefore: openedAt + 10 * minute, why: 'nobody has it', effect: null }],
    async perform(_action, { subject }) {
      called.push(subject.service)
      return { events: [] }
    },
  }
  return { called, part }
}

async function followed(responder: Responder): Promise<number> {
  const answer = await responder.fetch(new Request('http://127.0.0.1/metrics'))
  return Number(/^firebreak_streams_followed (\d+)$/m.exec(await answer.text())?.[1])
}

async function threeOpen(mostInMemory: number) {
  const { clock, join } = together()
  const { called, part } = caller()
  const http = { publicUrl: 'http://127.0.0.1', open: true as const }
  const { responder } = join([part], { mostInMemory, http })
  await responder.start()
  await responder.ingest(names.map((service) => outage(clock, { service, key: service, id: service })))
  return { clock, called, responder }
}

test('of incidents of which nothing is due soon, only so many stay in memory; what falls due is done all the same', async () => {
  const { clock, called, responder } = await threeOpen(1)
  expect(await followed(responder)).toBe(7)
  await clock.advance(9 * minute)
  expect(await followed(responder)).toBe(5)
  expect(called).toEqual([])
  await clock.advance(2 * minute)
  expect(called.toSorted()).toEqual(names.toSorted())
  expect((await responder.acknowledge('mail', { by: 'mia' })).acknowledgement).toMatchObject({ by: 'mia' })
  await responder.stop()
})

test.each(['shop', undefined])(
  'a hold on %s is heeded by incidents that are not in memory, and so is its end',
  async (service) => {
    const { clock, called, responder } = await threeOpen(0)
    await clock.advance(5 * minute)
    expect(await followed(responder)).toBe(4)
    const where = service === undefined ? {} : { service }
    const hold = await responder.hold({ by: 'mia', reason: 'let me look', ...where })
    await clock.advance(10 * minute)
    const others = service === undefined ? [] : ['mail', 'search']
    expect(called.toSorted()).toEqual(others)
    await responder.release(hold, { by: 'mia', ...where })
    await clock.advance(second)
    expect(called.toSorted()).toEqual(names.toSorted())
    await responder.stop()
  },
)

test('who looks at an incident, or repeats its signal, does not bring it back into memory for long', async () => {
  const { clock, responder } = await threeOpen(0)
  await clock.advance(5 * minute)
  await responder.ingest(outage(clock, { service: 'mail', key: 'mail', id: 'recorded' }))
  await clock.advance(10 * second)
  await responder.incident('shop')
  await responder.ingest(outage(clock, { service: 'mail', key: 'mail', id: 'only counted' }))
  expect(await followed(responder)).toBe(6)
  await responder.ingest(outage(clock, { service: 'search', key: 'another', id: 'another' }))
  await clock.advance(10 * second)
  expect(await followed(responder)).toBe(4)
  await responder.stop()
})

test('a signal of an incident that is not in memory joins it, and one that is worse raises it', async () => {
  const { clock, responder } = await threeOpen(0)
  await clock.advance(5 * minute)
  await responder.ingest(outage(clock, { service: 'mail', key: 'another', id: 'another' }))
  expect((await responder.incident('mail')).signals.size).toBe(2)
  expect(await Array.fromAsync(responder.incidents({ service: 'mail' }))).toHaveLength(1)
  await responder.stop()
})
