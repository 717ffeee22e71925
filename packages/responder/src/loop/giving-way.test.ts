import type { Part } from '@firebreak/core'
import { expect, test } from 'vitest'
import { together } from '../fixtures/troubled-log.ts'
import { outage } from '../responder.fixture.ts'

function caller(name: string, called: string[]): Part {
  return {
    name: 'caller',
    plan: ({ severity }) => (severity === null ? [] : [{ key: 'call', why: 'somebody must', effect: null }]),
    async perform() {
      called.push(name)
      return { events: [] }
    },
  }
}

function pair() {
  const { clock, join } = together()
  const called: string[] = []
  const [one, other] = [join([caller('one', called)]), join([caller('other', called)])]
  return { clock, called, one, other }
}

test('whoever has written acts first; the others do not race it for every claim', async () => {
  const { clock, called, one, other } = pair()
  let attempts = 0
  other.trouble.refuse = () => void (attempts += 1)
  await one.responder.start()
  await other.responder.start()
  await one.responder.ingest(outage(clock))
  await clock.advance(1_000)
  expect(called).toEqual(['one'])
  expect(attempts).toBe(0)
  await one.responder.stop()
  await other.responder.stop()
})

test('what it has written and does not act on, another acts on a moment later', async () => {
  const { clock, called, one, other } = pair()
  one.trouble.refuse = (writes) =>
    writes.some(({ events }) => events.some(({ type }) => type === 'action.started')) ? new Error('cut off') : undefined
  await one.responder.start()
  await other.responder.start()
  await one.responder.ingest(outage(clock))
  await clock.advance(100)
  expect(called).toEqual([])
  await clock.advance(100)
  expect(called).toEqual(['other'])
  await one.responder.stop()
  await other.responder.stop()
})
