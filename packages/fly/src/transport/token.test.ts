import { describe, expect, test } from 'vitest'
import { authorizationFor, parseTokens, tokenHider } from './token.ts'

const macaroon = 'fm2_lJPEC'
const discharge = 'fm1a_kkkk'
const personal = 'abcdefPersonal'

describe('which scheme goes where is chosen as flyctl does', () => {
  test.each([
    ['a macaroon', macaroon, 'FlyV1 fm2_lJPEC', 'FlyV1 fm2_lJPEC', 'Bearer fm2_lJPEC'],
    ['a personal token', personal, 'Bearer abcdefPersonal', 'Bearer abcdefPersonal', 'Bearer abcdefPersonal'],
    ['its own scheme written before it', `FlyV1 ${macaroon}`, 'FlyV1 fm2_lJPEC', 'FlyV1 fm2_lJPEC', 'Bearer fm2_lJPEC'],
    [
      'the wrong scheme written before it',
      `Bearer ${macaroon}`,
      'FlyV1 fm2_lJPEC',
      'FlyV1 fm2_lJPEC',
      'Bearer fm2_lJPEC',
    ],
    [
      'several, mixed',
      `${macaroon},${personal}, ${discharge}`,
      'FlyV1 fm2_lJPEC,fm1a_kkkk',
      'FlyV1 fm2_lJPEC,fm1a_kkkk,abcdefPersonal',
      'Bearer fm2_lJPEC,fm1a_kkkk,abcdefPersonal',
    ],
  ])('%s', (_, text, machines, graphql, releases) => {
    const tokens = parseTokens(text)
    expect(authorizationFor('machines', tokens)).toBe(machines)
    expect(authorizationFor('logs', tokens)).toBe(machines)
    expect(authorizationFor('metrics', tokens)).toBe(machines)
    expect(authorizationFor('graphql', tokens)).toBe(graphql)
    expect(authorizationFor('releases', tokens)).toBe(releases)
  })

  test('the public status page gets no token', () => {
    expect(authorizationFor('status', parseTokens(macaroon))).toBeUndefined()
  })
})

test.each([undefined, '', '  ', 'Bearer', 'FlyV1 ', ',', 'abc def', 'abc\ndef', 'tök'])('%j is no token', (text) => {
  expect(() => parseTokens(text)).toThrow(/token/)
})

test('what is wrong with a token is said without the token', () => {
  expect(() => parseTokens('secretCanary with blank')).toThrow(/^(?!.*Canary).*token/)
})

test('hides every piece of the token in a text, whatever it looks like', () => {
  const hide = tokenHider(parseTokens(`${macaroon},plainCanary`))
  expect(hide(`sent ${macaroon} and plainCanary`)).toBe('sent [fly token] and [fly token]')
})
