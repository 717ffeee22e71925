import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bad, good, shop } from '../fixtures/shop.ts'
import { createFlow } from './flow.ts'
import { createVolume } from './volume.ts'

const action = fc.oneof(
  fc.record({ what: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 120 }) }),
  fc.record({ what: fc.constantFrom('stop', 'start', 'cordon', 'uncordon', 'restart'), machine: fc.nat(2) }),
  fc.record({ what: fc.constant('break' as const), machine: fc.nat(2), errorRatio: fc.constantFrom(0, 0.25, 1) }),
  fc.record({ what: fc.constant('traffic' as const), perSecond: fc.constantFrom(0, 10, 100) }),
)

test('no request is lost: the edge counts what users sent, machines what they answered, the rest is the proxy’s own 503', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), async (actions) => {
      const { clock, sim, send, path, ids } = shop({ requestsPerSecond: 50 }, { scrapeEveryMs: 1_000, historyMs: 0 })
      let sent = 0
      let perSecond = 50
      const pass = async (seconds: number) => {
        sent += seconds * perSecond
        await clock.advance(seconds * 1_000)
      }
      for (const step of actions)
        if (step.what === 'wait') await pass('seconds' in step ? step.seconds : 0)
        else if ('perSecond' in step) {
          ;({ perSecond } = step)
          sim.admin.setTraffic('shop', perSecond)
        } else if ('errorRatio' in step) sim.admin.breakMachine(ids[step.machine]!, { errorRatio: step.errorRatio })
        else if ('machine' in step) await send('POST', path(step.machine, `/${step.what}`))
      await pass(10)
      const read = async (query: string) => {
        const { body } = await send('GET', `/prometheus/personal/api/v1/query?query=${encodeURIComponent(query)}`)
        return Number(body.data.result[0]?.value[1] ?? 0)
      }
      const edge = await read('sum(fly_edge_http_responses_count)')
      const refused = await read('sum(fly_edge_http_responses_count{status="503"})')
      const answered = await read('sum(fly_app_http_responses_count)')
      expect(edge).toBeCloseTo(sent, 4)
      expect(answered + refused).toBeCloseTo(edge, 4)
      expect(await read('sum(fly_app_http_response_time_seconds_bucket{le="+Inf"})')).toBeCloseTo(answered, 4)
      await sim.close()
    }),
    { numRuns: 25 },
  )
})

test('what is counted from the release breaks all machines at one moment, however long the deploy took', async () => {
  const behaviour = { phasesSince: 'release' as const, phases: [{ fromMs: 60_000, errorRatio: 1 }] }
  const images = [{ ref: good }, { ref: bad, behaviour }]
  const { clock, sim, send } = shop({ requestsPerSecond: 30 }, { images, scrapeEveryMs: 1_000, historyMs: 0 })
  const shippedAt = clock.now()
  await clock.run(sim.admin.ship('shop', bad))
  const failing = async () => {
    const query = 'count by (status) (fly_app_http_responses_count{status="500"})'
    const { body } = await send('GET', `/prometheus/personal/api/v1/query?query=${encodeURIComponent(query)}`)
    return Number(body.data.result[0]?.value[1] ?? 0)
  }
  await clock.advance(shippedAt + 59_000 - clock.now())
  expect(await failing()).toBe(0)
  await clock.advance(3_000)
  expect(await failing()).toBe(3)
  await sim.close()
})

test('a volume is the integral of its rate', () => {
  const volume = createVolume()
  volume.turn(1_000, 10)
  volume.turn(3_000, 0)
  volume.turn(4_000, 5)
  expect([0, 1_000, 2_000, 3_500, 6_000].map(volume.at)).toEqual([0, 0, 10, 20, 30])
})

test('a flow keeps what was counted when the answers change', () => {
  const flow = createFlow([0.01, 1])
  const well = { errorRatio: 0, status: 500, p50Ms: 5, p95Ms: 9 }
  flow.turn(0, 0, [{ profile: well, part: 1 }])
  flow.turn(1_000, 100, [{ profile: { ...well, errorRatio: 0.5, p50Ms: 500, p95Ms: 900 }, part: 1 }])
  flow.one(2_000, 200, '404', 0.5)
  const volumeAt = (time: number) => time / 10
  const count = (time: number, status: string) => flow.value(time, volumeAt, status)?.count
  expect([count(1_000, '200'), count(2_000, '200'), count(3_000, '200')]).toEqual([100, 150, 200])
  expect([count(1_000, '500'), count(2_000, '500'), count(2_000, '404')]).toEqual([undefined, 50, 1])
  const reading = flow.value(2_000, volumeAt, '200')
  expect(reading?.within(0)).toBeCloseTo(100 * (0.95 + 0.1 * (10 / 9 - 1)), 6)
  expect(reading?.within(1)).toBeCloseTo(100 + 50 * (0.95 + 0.1 * (1_000 / 900 - 1)), 6)
})
