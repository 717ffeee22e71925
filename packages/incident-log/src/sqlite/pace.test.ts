import { expect, test } from 'vitest'
import { createPace } from './pace.ts'

/** Lets a pace run through flushes that find so many; says for each whether it waited for the end of the turn. */
async function waits(finds: (flush: number, byTurn: boolean) => number, flushes: number): Promise<boolean[]> {
  const turns: boolean[] = []
  let byTurn = false
  const pace = createPace((work) => {
    byTurn = true
    queueMicrotask(work)
  })
  for (let flush = 0; flush < flushes; flush += 1) {
    byTurn = false
    await new Promise<void>((resolve) => pace.soon(resolve))
    turns.push(byTurn)
    pace.found(finds(flush, byTurn))
  }
  return turns
}

const count = (turns: readonly boolean[]) => turns.filter(Boolean).length

test('a lone caller waits for the end of the turn once in seventeen times', async () => {
  expect(count(await waits(() => 1, 170))).toBe(10)
})

test('many who wait for each other are found without the end of the turn, which comes after 256 of them', async () => {
  expect(count(await waits(() => 64, 100))).toBe(20)
})

test('where the cheap moment finds too few, the end of the turn is waited for, for a while', async () => {
  const turns = await waits((_flush, byTurn) => (byTurn ? 16 : 1), 660)
  expect(turns.length - count(turns)).toBeLessThanOrEqual(11)
})

test('others who come to a lone caller are found at the next turn, and from then on', async () => {
  const turns = await waits((flush, byTurn) => (flush < 20 || !byTurn ? 1 : 8), 80)
  expect(count(turns.slice(0, 20))).toBeLessThanOrEqual(2)
  expect(count(turns.slice(40))).toBe(40)
})

test('while turns bring more, the flush waits for them, and not for ever', async () => {
  const flushedAt = async (queued: readonly number[]) => {
    let turn = 0
    const pace = createPace((work) => {
      queueMicrotask(() => {
        turn += 1
        work()
      })
    })
    await new Promise<void>((resolve) => pace.soon(resolve, () => queued[Math.min(turn, queued.length) - 1] ?? 0))
    return turn
  }
  expect(await flushedAt([1])).toBe(2)
  expect(await flushedAt([3, 9, 16, 16, 20])).toBe(4)
  expect(await flushedAt([1, 2, 3, 4, 5, 6, 7, 8])).toBe(5)
})
