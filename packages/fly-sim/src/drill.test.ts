import { systemClock } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { describe, expect, test } from 'vitest'
import type { SimApp, SimImage } from './index.ts'
import { createFlySim } from './index.ts'

const good = 'registry.fly.io/shop:deployment-good'
const bad = 'registry.fly.io/shop:deployment-bad'

/** Answers well for a while, then fails 60 %; the service check notices nothing, the informational one does. */
const images = (onsetMs: number): SimImage[] => [
  { ref: good, behaviour: { latencyMs: 2 } },
  {
    ref: bad,
    behaviour: {
      latencyMs: 2,
      paths: { '/health': { errorRatio: 0 }, '/deep': { errorRatio: 0 } },
      phases: [{ fromMs: onsetMs, errorRatio: 0.6, paths: { '/deep': { errorRatio: 1 } } }],
    },
  },
]

const app = (intervalMs: number): SimApp => ({
  name: 'shop',
  machines: [{ region: 'iad' }, { region: 'iad' }, { region: 'ord' }],
  releases: [{ image: good }],
  serviceChecks: [{ intervalMs, graceMs: intervalMs, timeoutMs: 1_000 }],
  checks: { deep: { path: '/deep', port: 8080, intervalMs, graceMs: intervalMs, timeoutMs: 1_000 } },
})

const ratio = (window: string) =>
  `sum(rate(fly_edge_http_responses_count{app="shop",status=~"5.."}[${window}])) / clamp_min(sum(rate(fly_edge_http_responses_count{app="shop"}[${window}])), 1e-9)`

async function query(fetch: typeof globalThis.fetch, origin: string, promql: string): Promise<number | undefined> {
  const response = await fetch(`${origin}/prometheus/personal/api/v1/query?query=${encodeURIComponent(promql)}`, {
    headers: { authorization: 'Bearer fo1_test' },
  })
  const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } }
  const value = data.result[0]?.value[1]
  return value === undefined ? undefined : Number(value)
}

describe('a bad release, found by its figures and taken back', () => {
  test('on real sockets', { timeout: 20_000 }, async () => {
    const sim = createFlySim({
      seed: 7,
      apps: [app(100)],
      images: images(600),
      machines: 'http',
      scrapeEveryMs: 50,
      timing: { replaceMs: 20, startMs: 20, stopMs: 10, createMs: 10 },
    })
    const stop = new AbortController()
    try {
      const { url, apps } = await sim.listen()
      const load = (async () => {
        while (!stop.signal.aborted) {
          await Promise.all(Array.from({ length: 4 }, () => fetch(`${apps['shop']}/`).then((it) => it.text())))
          await systemClock.sleep(10)
        }
      })()
      const shipped = await sim.admin.ship('shop', bad, { smokeMs: 20, pollMs: 20 })
      expect(shipped).toMatchObject({ ok: true, release: { version: 2 } })
      const until = async (holds: (value: number | undefined) => boolean) => {
        for (let tries = 0; tries < 200; tries += 1) {
          const value = await query(fetch, url, ratio('500ms'))
          if (holds(value)) return value
          await systemClock.sleep(25)
        }
        throw new Error('it never came about')
      }
      await until((value) => value !== undefined && value > 0.45 && value < 0.75)
      const ill = sim.admin.machines('shop')
      expect(ill.map(({ checks }) => checks['servicecheck-00-http-8080'])).toEqual(['passing', 'passing', 'passing'])
      expect(ill.some(({ checks }) => checks['deep'] === 'critical')).toBe(true)
      await sim.admin.ship('shop', good, { smokeMs: 20, pollMs: 20 })
      await until((value) => value === undefined || value < 0.02)
      expect(sim.admin.machines('shop').map(({ image }) => image)).toEqual([good, good, good])
      stop.abort()
      await load
    } finally {
      stop.abort()
      await sim.close()
    }
  })

  test('in virtual time', async () => {
    const clock = createTestClock()
    const sim = createFlySim({
      seed: 7,
      clock,
      apps: [{ ...app(15_000), requestsPerSecond: 20 }],
      images: images(60_000),
    })
    const read = () => query(sim.fetch, 'https://api.fly.io', ratio('1m'))
    expect(await clock.run(read())).toBeUndefined()
    const shipped = await clock.run(sim.admin.ship('shop', bad))
    expect(shipped.ok).toBe(true)
    await clock.advance(180_000)
    expect(await clock.run(read())).toBeCloseTo(0.6, 6)
    await clock.run(sim.admin.ship('shop', good))
    await clock.advance(120_000)
    expect(await clock.run(read())).toBeCloseTo(0, 6)
    await sim.close()
    expect(clock.pending).toBe(0)
  })
})
