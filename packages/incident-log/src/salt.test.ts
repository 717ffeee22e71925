import { seededRandom } from '@firebreak/core'
import { expect, test, vi } from 'vitest'
import { createSalts } from './salt.ts'

const many = (salts: () => string) => Array.from({ length: 1_000 }, salts)

test('salts are 96 bits, URL-safe, and never the same', () => {
  const salts = many(createSalts(undefined))
  expect(new Set(salts).size).toBe(1_000)
  expect(salts.every((salt) => /^[\w-]{16}$/.test(salt))).toBe(true)
})

test('salts cannot be worked out from Math.random', () => {
  vi.spyOn(Math, 'random').mockReturnValue(0)
  expect(new Set(many(createSalts(undefined))).size).toBe(1_000)
})

test('with a seed, the same salts come again', () => {
  expect(many(createSalts(seededRandom(5)))).toEqual(many(createSalts(seededRandom(5))))
  expect(many(createSalts(seededRandom(5)))).not.toEqual(many(createSalts(seededRandom(6))))
})
