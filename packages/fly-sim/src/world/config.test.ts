import type { JsonObject } from '@firebreak/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { good, shop } from '../fixtures/shop.ts'
import { configuredChecks, durationMs, normalizeConfig } from './config.ts'

test('a config comes back as it was sent, whatever is in it', async () => {
  const { clock, send, path } = shop()
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (unknown) => {
      const config = { ...unknown, mounts: [], image: good }
      await send('POST', path(0), { config })
      await clock.advance(5_000)
      expect((await send('GET', path(0))).body.config).toEqual(
        JSON.parse(JSON.stringify(normalizeConfig(config as JsonObject))),
      )
      const { services: _, ...rest } = config as JsonObject
      expect((await send('GET', path(0))).body.config).toMatchObject(JSON.parse(JSON.stringify(rest)) as object)
    }),
    { numRuns: 60 },
  )
})

describe('durations', () => {
  test.each([
    ['15s', 15_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['0', 0],
    [15_000_000_000, 15_000],
  ])('%s is %s ms', (text, expected) => {
    expect(durationMs(text)).toBe(expected)
  })

  test.each(['', 'soon', '15', '5 s', '-1s', -1, null])('%j is none', (value) => {
    expect(durationMs(value)).toBeUndefined()
  })
})

test('checks are found in services and at the top, named and timed as Fly does', () => {
  const config: JsonObject = {
    services: [
      { internal_port: 8080, checks: [{ type: 'http', path: '/up', interval: '10s' }, { type: 'tcp' }] },
      { internal_port: 9090, checks: [{ type: 'http', port: 9091 }] },
    ],
    checks: { deep: { type: 'http', path: '/deep', kind: 'readiness' }, plain: { type: 'tcp', port: 1 } },
  }
  expect(configuredChecks(config).map(({ name, kind, port, intervalMs }) => [name, kind, port, intervalMs])).toEqual([
    ['servicecheck-00-http-8080', 'service', 8080, 10_000],
    ['servicecheck-01-tcp-8080', 'service', 8080, 15_000],
    ['servicecheck-02-http-9091', 'service', 9091, 15_000],
    ['deep', 'readiness', 8080, 15_000],
    ['plain', 'informational', 1, 15_000],
  ])
})
