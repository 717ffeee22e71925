import { InvalidInput, type Signal } from '@firebreak/core'
import { expect, test } from 'vitest'
import { outage } from '../responder.fixture.ts'
import { createQueue } from './queue.ts'

const clock = { now: () => 0 }

/** Takes batches one by one, each when it is told to. */
function store(refuse: (signals: readonly Signal[]) => Error | undefined = () => undefined) {
  const batches: Signal[][] = []
  const gates: (() => void)[] = []
  const queue = createQueue('shop', async (_owner, signals) => {
    batches.push([...signals])
    await new Promise<void>((resolve) => gates.push(resolve))
    const error = refuse(signals)
    if (error !== undefined) throw error
  })
  async function open(times: number) {
    for (let number = 0; number < times; number += 1) {
      gates.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { batches, queue, open }
}

test('signals that arrive during an append share the next one', async () => {
  const { batches, queue, open } = store()
  const all = Array.from({ length: 50 }, () => queue.add([outage(clock)]))
  await open(2)
  await Promise.all(all)
  expect(batches.map(({ length }) => length)).toEqual([1, 49])
})

test('a batch stays within what one event may hold', async () => {
  const { batches, queue, open } = store()
  const large = queue.add(Array.from({ length: 250 }, () => outage(clock)))
  const small = queue.add([outage(clock)])
  await open(4)
  await Promise.all([large, small])
  expect(batches.map(({ length }) => length)).toEqual([100, 100, 50, 1])
})

test("one sender's signal that cannot be recorded refuses nobody else's", async () => {
  const bad = outage(clock)
  const { queue, open } = store((signals) =>
    signals.includes(bad) ? new InvalidInput('data', 'is too large') : undefined,
  )
  const first = queue.add([outage(clock)])
  const outcomes = Promise.allSettled([queue.add([outage(clock)]), queue.add([bad]), queue.add([outage(clock)])])
  await open(5)
  await first
  expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
})

test('a log that is down refuses all of a batch at once: nothing is tried again by itself', async () => {
  const { batches, queue, open } = store(() => new Error('disk full'))
  const outcomes = Promise.allSettled([
    queue.add([outage(clock)]),
    queue.add([outage(clock)]),
    queue.add([outage(clock)]),
  ])
  await open(2)
  expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(batches).toHaveLength(2)
})

test('who holds the turn keeps signals waiting until it is given back', async () => {
  const { batches, queue, open } = store()
  const giveBack = queue.hold()
  expect(queue.hold()).toBe(undefined)
  const added = queue.add([outage(clock)])
  await open(1)
  expect(batches).toEqual([])
  giveBack?.()
  await open(1)
  await added
  expect(queue.hold()).not.toBe(undefined)
})
