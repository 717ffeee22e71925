import { expect, test } from 'vitest'
import { emptyHead } from './decide.ts'
import { createHeadCache } from './head-cache.ts'

const head = (version: number) => ({ ...emptyHead, version })

test('what was used last is kept, what was used long ago is not, and there are never more than the capacity', () => {
  const cache = createHeadCache<ReturnType<typeof head>>(100)
  for (let version = 1; version <= 10_000; version += 1) {
    cache.set(`stream/${version}`, head(version))
    cache.get('stream/1')
  }
  const kept = Array.from({ length: 10_000 }, (_, index) => cache.get(`stream/${index + 1}`)?.version).filter(
    (version) => version !== undefined,
  )
  expect(kept).toContain(1)
  expect(kept).toContain(10_000)
  expect(kept).not.toContain(5_000)
  expect(kept.length).toBeLessThanOrEqual(100)
})

test('a head is the last that was set, until it is forgotten', () => {
  const cache = createHeadCache<ReturnType<typeof head>>(4)
  for (let version = 1; version <= 9; version += 1) cache.set('a', head(version))
  expect(cache.get('a')?.version).toBe(9)
  cache.delete('a')
  expect(cache.get('a')).toBe(undefined)
  cache.set('b', head(1))
  cache.clear()
  expect(cache.get('b')).toBe(undefined)
})
