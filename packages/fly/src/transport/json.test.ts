import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from './json.ts'

test.each([
  '12345678901234567890',
  '-98765432109876543210',
  '{"a":[9007199254740993]}',
  '9007199254740992.5',
  '[1e400]',
  '[-1007080078125000000000]',
  '{"a":0.12345678901234567890}',
])('%s comes back as it was written', (text) => {
  expect(JSON.stringify(parseJson(text))).toBe(text)
})

test('everything else is what JSON.parse gives', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text))
    }),
  )
})

test('numbers that a double holds stay numbers', () => {
  expect(parseJson('[15000000000, 12345678901234567890]')).toMatchObject([15e9, {}])
})

test('what is not JSON is refused', () => {
  expect(() => parseJson('{"a":12345678901234567890')).toThrow(SyntaxError)
})
