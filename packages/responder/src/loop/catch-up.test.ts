import { expect, test } from 'vitest'
import type { Notifier, Part, Probe } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder, standardRunbook, type AnyPart } from '../index.ts'
import { outage } from '../responder.fixture.ts'

function setUp(parts: readonly AnyPart[]) {
  const clock = createTestClock()
  const http: Probe = { name: 'http', observe: async () => [outage(clock)] }
  return { clock, responder: createResponder({ log: memoryLog({ clock }), parts, probes: [http], clock }) }
}

/** Something to do so long after the onset, again and again. */
function every(milliseconds: number, seen: number[]): Part {
  return {
    name: 'writer',
    plan: ({ openedAt, actions }) => [
      {
        key: `write/${actions.size}`,
        why: 'it must',
        effect: null,
        notBefore: openedAt + (actions.size + 1) * milliseconds,
      },
    ],
    async perform(_action, { clock }) {
      seen.push(clock.now())
      return { events: [] }
    },
  }
}

test('the tick that finds an outage pages, though a first page waits for others like it', async () => {
  const sent: number[] = []
  const phone: Notifier = {
    name: 'phone',
    reach: 'wake',
    async send() {
      sent.push(clock.now())
      return { state: 'delivered' }
    },
  }
  const { clock, responder } = setUp(standardRunbook({ people: { manager: phone, engineer: phone } }))
  const begin = clock.now()
  const nextAt = await clock.run(responder.tick())
  expect(sent.map((at) => at - begin)).toEqual([500])
  expect(nextAt).toBeGreaterThan(begin + 1_000)
})

test('a tick waits for what is due within a second after its looks, and no longer', async () => {
  const seen: number[] = []
  const { clock, responder } = setUp([every(400, seen)])
  const begin = clock.now()
  expect(await clock.run(responder.tick())).toBe(begin + 1_200)
  expect(seen.map((at) => at - begin)).toEqual([400, 800])
  expect(clock.now() - begin).toBeLessThanOrEqual(1_000)
  expect(clock.pending).toBe(0)
})

test('a tick for a time that is yet to come waits no longer than that second either', async () => {
  const seen: number[] = []
  const { clock, responder } = setUp([every(3_600_400, seen)])
  const begin = clock.now()
  await clock.run(responder.tick(begin + 3_600_000))
  expect(seen.map((at) => at - begin)).toEqual([400])
})

test('stop ends the waiting of a tick, which then gives when the next thing is due', async () => {
  const seen: number[] = []
  const { clock, responder } = setUp([every(900, seen)])
  const begin = clock.now()
  const ticking = responder.tick()
  await clock.advance(100)
  await responder.stop()
  expect(await ticking).toBe(begin + 900)
  expect([seen, clock.pending]).toEqual([[], 0])
})

test('a slow action keeps nothing else waiting that falls due while a tick waits for it', async () => {
  const seen: number[] = []
  const slow: Part = {
    name: 'slow',
    plan: () => [{ key: 'slow/1', why: 'it must', effect: null }],
    async perform(_action, { clock }) {
      await clock.sleep(150_000)
      return { events: [] }
    },
  }
  const { clock, responder } = setUp([slow, every(60_000, seen)])
  const begin = clock.now()
  expect(await clock.run(responder.tick())).toBe(begin + 180_000)
  expect(seen.map((at) => at - begin)).toEqual([120_000])
  expect([clock.now() - begin, clock.pending]).toEqual([150_000, 0])
})
