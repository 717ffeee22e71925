import { deskStream, type Desk, type NewEvent, type Part } from '@firebreak/core'
import { expect, test } from 'vitest'
import { onceFor, together } from '../fixtures/troubled-log.ts'
import { outage } from '../responder.fixture.ts'

const minute = 60_000

test('an effect whose outcome the log refused for a while is recorded when it is back, and not done again', async () => {
  const { clock, join } = together()
  let performed = 0
  const part: Part = {
    name: 'caller',
    plan: () => [{ key: 'call', why: 'somebody must', effect: null }],
    async perform() {
      performed += 1
      return { events: [] }
    },
  }
  const { responder, trouble } = join([part])
  const until = clock.now() + minute / 2
  trouble.refuse = (writes) =>
    onceFor('action.finished')(writes) && clock.now() < until ? new Error('disk full') : undefined
  await responder.start()
  await responder.ingest(outage(clock))
  await clock.advance(2 * minute)
  expect(performed).toBe(1)
  expect((await responder.incident('shop')).actions.get('call')).toMatchObject({
    attempt: 1,
    finished: { outcome: 'done' },
  })
  await responder.stop()
})

test('a decision that was recorded, and whose answer was lost, holds nobody up who is not told of appends', async () => {
  const { clock, join, typesOf } = together()
  const part: Part = {
    name: 'teller',
    plan: ({ stream }, { now }) => {
      // Two looks word it differently: the same event said again is another one.
      const data = { service: 'shop', by: 'teller', text: `at ${now}` }
      const event: NewEvent = { id: `${stream}/told`, type: 'note.added', actor: 'teller', data }
      return [
        { key: 'tell', why: 'for the record', record: { events: [event] } },
        { key: 'act', why: 'after it', notBefore: now, effect: null },
      ]
    },
    perform: async () => ({ events: [] }),
  }
  const { responder, trouble } = join([part])
  trouble.hears = false
  trouble.lose = onceFor('note.added')
  await responder.start()
  await responder.ingest(outage(clock))
  await clock.advance(5_000)
  expect((await typesOf('incident/shop/1')).slice(3)).toEqual([
    'note.added',
    'action.finished',
    'action.started',
    'action.finished',
  ])
  await responder.stop()
})

test('a desk that was told by an append whose answer was lost does what it was asked for', async () => {
  const { clock, join } = together()
  const to = deskStream('manager', clock.now())
  const asking: Part = {
    name: 'asking',
    plan({ stream }) {
      const data = { service: 'shop', by: 'asking', text: 'please' }
      const event = { id: `${stream}/asked`, type: 'note.added', actor: 'asking', data }
      return [{ key: 'ask', why: 'it is bad', record: { events: [event], tell: [{ to, event }] } }]
    },
  }
  const asked: string[] = []
  const sending: Part<Desk> = {
    name: 'sending',
    over: 'desk',
    plan: () => [{ key: 'send', why: 'asked for', effect: null }],
    async perform(_action, { subject }) {
      asked.push(subject.role)
      return { events: [] }
    },
  }
  const { responder, trouble } = join([asking, sending])
  trouble.hears = false
  trouble.lose = onceFor('note.added')
  await responder.start()
  await responder.ingest(outage(clock))
  await clock.advance(minute)
  expect(asked).toEqual(['manager'])
  await responder.stop()
})

test('an own claim whose answer was lost is not waited for until its deadline, nor hurried while answers are being lost', async () => {
  const { clock, join } = together()
  const performedAt: number[] = []
  const part: Part = {
    name: 'caller',
    plan: () => [{ key: 'call', why: 'somebody must', effect: null }],
    async perform() {
      performedAt.push(clock.now())
      return { events: [] }
    },
  }
  const { responder, trouble } = join([part])
  const begun = clock.now()
  trouble.lose = (writes) => onceFor('action.started')(writes) && clock.now() < begun + 5_000
  await responder.start()
  await responder.ingest(outage(clock))
  await clock.advance(minute)
  expect(performedAt).toEqual([begun + 6_000])
  expect((await responder.incident('shop')).actions.get('call')?.attempt).toBe(4)
  await responder.stop()
})
