import type { Desk, Incident } from '@firebreak/core'
import { expect, test } from 'vitest'
import { breathOf, restsUntil } from './pauses.ts'
import { follow } from './subject.ts'

function desk(pages: number, plannedAt: number) {
  const followed = follow('desk/manager/2026-11-23')
  const state = followed.state as Desk
  state.pages = new Map(Array.from({ length: pages }, (_, number) => [`page-${number}`, {} as never]))
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
  const withKeys = (keys: number) => {
    const signals = new Map(Array.from({ length: keys }, (_, number) => [`key-${number}`, {} as never]))
    Object.assign(followed.state as Incident, { signals })
  }
  expect(breathOf(undefined, 0)).toBe(200)
  withKeys(100)
  expect(breathOf(followed, 200)).toBe(200 + 500 + 800)
  withKeys(2_000)
  expect(breathOf(followed, 200)).toBe(5_000)
})
