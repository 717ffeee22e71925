import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { explainNotJson, toJsonText } from './json-value.ts'
import { sameContent } from './same-content.ts'

test('JSON goes through as it is, and is not copied', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false })), (value) => {
      const { data, bytes } = toJsonText(value)!
      expect(bytes).toBe(JSON.stringify(value))
      expect(JSON.stringify(data)).toBe(bytes)
      expect(isDeepStrictEqual(JSON.parse(bytes), JSON.parse(JSON.stringify(data)))).toBe(true)
    }),
  )
  const plain = { a: [1, { b: null }] }
  expect(toJsonText(plain)?.data).toBe(plain)
})

test('anything else either comes back equal, but for undefined properties and -0, or is refused', () => {
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true })
  fc.assert(
    fc.property(fc.dictionary(fc.string(), anything), (value) => {
      const text = toJsonText(value)
      const same = ({ data, bytes }: { data: object; bytes: string }) =>
        isDeepStrictEqual(data, JSON.parse(bytes)) && isDeepStrictEqual(normal(value), JSON.parse(bytes))
      expect(text === undefined ? explainNotJson(value, 'data').field.startsWith('data') : same(text)).toBe(true)
    }),
  )
})

/** What JSON is allowed to do to a value. */
function normal(value: unknown): unknown {
  if (value === 0) return 0
  if (Array.isArray(value)) return value.map(normal)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(kept.map(([key, item]) => [key, normal(item)]))
}

test('an object with a way of its own to become JSON is refused', () => {
  expect(toJsonText({ a: { toJSON: () => 'other' } })).toBe(undefined)
  expect(toJsonText(Object.create({ inherited: 1 }))).toBe(undefined)
  expect(toJsonText(Object.assign(Object.create(null) as object, { a: 1 }))?.bytes).toBe('{"a":1}')
})

test('content is the same whatever the order of its keys, and nothing less', () => {
  const event = (data: object) => ({
    id: 'x',
    type: 't',
    actor: 'a',
    at: undefined,
    causationId: undefined,
    data,
    bytes: JSON.stringify(data),
  })
  expect(sameContent(event({ a: 1, b: [{ c: 2, d: 3 }] }), event({ b: [{ d: 3, c: 2 }], a: 1 }))).toBe(true)
  expect(sameContent(event({ a: [1, 2] }), event({ a: [2, 1] }))).toBe(false)
  expect(sameContent(event({ a: '1' }), event({ a: 1 }))).toBe(false)
})
