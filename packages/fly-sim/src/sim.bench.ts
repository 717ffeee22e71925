/* Prints figures; run with `node --conditions=@firebreak/source packages/fly-sim/src/sim.bench.ts`. */
import { createTestClock } from '@firebreak/core/testing'
import { createFlySim } from './index.ts'

const headers = { authorization: 'Bearer fo1_bench' }

async function requestsPerSecond(path: (machine: string) => string, count: number): Promise<number> {
  const sim = createFlySim({ clock: createTestClock(), apps: [{ name: 'shop', machines: 100 }] })
  const ids = sim.admin.machines('shop').map(({ id }) => id)
  const one = async (index: number) => {
    const response = await sim.fetch(`https://api.machines.dev${path(ids[index % ids.length] ?? '')}`, { headers })
    await response.text()
  }
  for (let index = 0; index < 2_000; index += 1) await one(index)
  const began = performance.now()
  for (let index = 0; index < count; index += 1) await one(index)
  const seconds = (performance.now() - began) / 1_000
  await sim.close()
  return Math.round(count / seconds)
}

async function rollingUpdate(machines: number): Promise<{ wallMs: number; virtualMs: number; requests: number }> {
  const clock = createTestClock()
  const sim = createFlySim({
    clock,
    apps: [{ name: 'shop', machines, requestsPerSecond: 5_000, regions: ['iad', 'ord', 'ams'] }],
    images: [{ ref: 'registry.fly.io/shop:next' }],
  })
  const start = clock.now()
  const began = performance.now()
  const outcome = await clock.run(sim.admin.ship('shop', 'registry.fly.io/shop:next'))
  const wallMs = Math.round(performance.now() - began)
  if (!outcome.ok || outcome.updated.length !== machines)
    throw new Error(outcome.error ?? 'not all machines were updated')
  const requests = sim.admin.calls().length
  await sim.close()
  return { wallMs, virtualMs: clock.now() - start, requests }
}

for (const [name, path] of [
  ['GET machine', (id: string) => `/v1/apps/shop/machines/${id}`],
  ['GET app', () => '/v1/apps/shop'],
  ['wait (there already)', (id: string) => `/v1/apps/shop/machines/${id}/wait?state=started`],
] as const)
  console.log(`${name}: ${await requestsPerSecond(path, 40_000)} requests/s`)
for (const machines of [100, 1_000, 1_000]) {
  const { wallMs, virtualMs, requests } = await rollingUpdate(machines)
  console.log(
    `rolling update of ${machines} machines: ${wallMs} ms of wall time, ${virtualMs} ms of virtual time, ${requests} requests`,
  )
}
