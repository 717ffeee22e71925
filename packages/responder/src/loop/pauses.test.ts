import type { Desk, Incident } from '@firebreak/core'
import { expect, test } from 'vitest'
import { breathOf, restsUntil } from './pauses.ts'
import { follow } from './subject.ts'

function desk(pages: number, plannedAt: number) {
  const followed = follow('desk/manager/2026-11-23')
  const state = followed.state as Desk
  for (let number = 0; number < pages; number += 1) state.pages.set(`page-${number}`, {} as never)
  followed.plannedAt = plannedAt
  return followed
}

test('a desk of few pages is planned at once; a large one rests between two plans, the longer the more pages it has', () => {
  expect(restsUntil(desk(99, 1_000), 1_000)).toBe(undefined)
  expect(restsUntil(desk(100, 1_000), 1_000)).toBe(1_005)
  expect(restsUntil(desk(10_000, 1_000), 1_000)).toBe(1_500)
  expect(restsUntil(desk(10_000, 1_000), 1_500), 'rested').toBe(undefined)
})

test('an incident never rests, and nor does what is not followed', () => {
  expect(restsUntil(follow('incident/shop/1'), 0)).toBe(undefined)
  expect(restsUntil(undefined, 0)).toBe(undefined)
})

test('signals wait for company, the longer the more of them there are, and never longer than 5 s', () => {
  const followed = follow('incident/shop/1')
  const { signals } = followed.state as Incident
  expect(breathOf(undefined, 0)).toBe(200)
  for (let number = 0; number < 100; number += 1) signals.set(`key-${number}`, {} as never)
  expect(breathOf(followed, 200)).toBe(200 + 500 + 800)
  for (let number = 0; number < 2_000; number += 1) signals.set(`key-${number}`, {} as never)
  expect(breathOf(followed, 200)).toBe(5_000)
})
