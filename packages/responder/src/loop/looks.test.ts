import { expect, test } from 'vitest'
import { createLooks } from './looks.ts'

function presence(answer: (owner: string) => Promise<boolean>) {
  const asked: string[] = []
  const isGone = async (owner: string) => {
    asked.push(owner)
    return answer(owner)
  }
  return { asked, isGone, [Symbol.asyncDispose]: async () => undefined }
}

test('a thousand claims of one owner cost one look, and the next one comes in its time', async () => {
  const log = presence(async () => false)
  const looks = createLooks(100)
  for (const now of [0, 50, 99, 100, 150]) await looks.of('one', log, now)
  await looks.of('other', log, 150)
  expect(log.asked).toEqual(['one', 'one', 'other'])
})

test('a clock that is set back does not keep an old look fresh', async () => {
  const log = presence(async () => false)
  const looks = createLooks(100)
  await looks.of('one', log, 10_000)
  await looks.of('one', log, 0)
  expect(log.asked).toHaveLength(2)
})

test('a store that cannot tell has told of nobody that he is gone', async () => {
  const log = presence(async () => Promise.reject(new Error('connection lost')))
  expect(await createLooks(100).of('one', log, 0)).toBe(false)
})
