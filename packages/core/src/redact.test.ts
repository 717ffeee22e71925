import { expect, test } from 'vitest'
import { redact, redactSecrets } from './index.ts'
import { canaries, findCanary } from './testing/index.ts'

test('no canary survives, alone or in the middle of a text', () => {
  for (const canary of canaries) {
    for (const text of [
      canary,
      `before ${canary} after`,
      `"${canary}"`,
      `a=${canary}&b=1`,
      `(${canary})`,
      `${canary}\n${canary}`,
    ])
      expect(findCanary(redact(text)), text).toBeUndefined()
  }
  expect(findCanary(redact(canaries.join(' ')))).toBeUndefined()
})

test('the canaries are worth something: each is found when nothing is redacted', () => {
  for (const canary of canaries) expect(findCanary(canary)).toBeDefined()
})

test('the shortest secrets are found too, in whatever case they are written', () => {
  expect(redact('a@b.co')).toBe('[e-mail]')
  expect(redact('pwd=abc')).toBe('pwd=[redacted]')
  expect(redact('PASSWORD=Abc123')).toBe('PASSWORD=[redacted]')
  expect(redact('bearer abcdef')).toBe('bearer [redacted]')
  expect(redact('BASIC dXNlcjpwdw==')).toBe('BASIC [redacted]')
  expect(redact('sk-ant-api03-canarycanarycanary')).toBe('[key]')
  expect(redact('rk_live_0123456789abcdefgh')).toBe('[key]')
  expect(redact('token 123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr')).toBe('token [telegram token]')
  expect(redact('AIzaSyA0123456789012345678901234567890123')).toContain('[key]')
})

test('what tells where to look stays readable', () => {
  expect(redact('postgres://root:pw@db.internal:5432/shop refused')).toBe(
    'postgres://[redacted]@db.internal:5432/shop refused',
  )
  expect(redact('POST https://hooks.slack.com/services/T0/B0/x1 answered 404')).toBe(
    'POST https://hooks.slack.com/services/[redacted] answered 404',
  )
  expect(redact('authorization: Bearer abcdef123456')).not.toContain('abcdef')
  expect(redact('FLY_API_TOKEN=abc123 and x-api-key: k3y-value')).toBe(
    'FLY_API_TOKEN=[redacted] and x-api-key: [redacted]',
  )
  expect(redact('{"client_secret":"s3cr3t","a":1}')).toBe('{"client_secret":"[redacted]","a":1}')
  expect(redact('https://x.example/hook?token=abcdef&a=1')).toBe('https://x.example/hook?token=[redacted]&a=1')
})

test('figures, times, machine ids, images and sentences about secrets are left alone', () => {
  const harmless = [
    'P0 shop: 60% of requests fail since 03:02 CET, 1,212 of 2,020, 2 min after release v3',
    'machine d8912be4c1e908 runs registry.fly.io/shop@sha256:e7a941c0ffee, at 1795392000000 and 2026-11-23T02:00:00.000Z',
    'token: is not set; pass it to createFly()',
    'password: must be a string',
    'order 4111111111111112 is not a card, 1795399999995 is not either',
    'https://api.machines.dev/v1/apps/shop/machines/148e/lease?ttl=30',
    'contact @oncall or user@localhost',
    'http://127.0.0.1:41873/prometheus',
  ]
  for (const text of harmless) expect(redact(text)).toBe(text)
})

test('an e-mail address stays in errors, where it may be what matters; a token never does', () => {
  expect(redactSecrets('no such user: mia@example.com')).toBe('no such user: mia@example.com')
  for (const canary of canaries.slice(0, -3)) expect(findCanary(redactSecrets(canary)), canary).toBeUndefined()
})

test('redacting twice changes nothing more', () => {
  for (const canary of canaries) expect(redact(redact(`x ${canary} y`))).toBe(redact(`x ${canary} y`))
})

test('hostile text costs no more than in proportion to its length', () => {
  const hostile = [
    'a@',
    'eyJa.',
    '4111 ',
    'token',
    'x://',
    '-----BEGIN PRIVATE KEY-----',
    'a.',
    'password=',
    'fm2_',
    '_-',
    'a://b:',
  ]
  const cost = (length: number) => {
    const texts = hostile.map((piece) => piece.repeat(Math.ceil(length / piece.length)))
    const begin = process.cpuUsage()
    for (const text of texts) redact(text)
    const { user } = process.cpuUsage(begin)
    return user
  }
  // The least of a few: other threads of the process are in these figures too.
  const least = (length: number) => Math.min(...Array.from({ length: 3 }, () => cost(length)))
  cost(2_000)
  const small = least(20_000)
  const large = least(80_000)
  // Quadratic would be 16 times as much; linear is 4.
  expect(large / Math.max(small, 2_000)).toBeLessThan(12)
})
