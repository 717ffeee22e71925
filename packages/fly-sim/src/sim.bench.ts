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

/** The bars that the simulator is built to: what is measured is set against them. */
const wanted = { requestsPerSecond: 20_000, thousandMachinesMs: 2_000 }

for (const [name, path] of [
  ['GET machine', (id: string) => `/v1/apps/shop/machines/${id}`],
  ['GET app', () => '/v1/apps/shop'],
  ['wait, there already', (id: string) => `/v1/apps/shop/machines/${id}/wait?state=started`],
] as const) {
  const ours = await requestsPerSecond(path, 40_000)
  console.log(JSON.stringify({ bench: `fly-sim ${name}`, ours, theirs: wanted.requestsPerSecond, unit: '/s', bar: 1 }))
}
await rollingUpdate(100)
const { wallMs, virtualMs, requests } = await rollingUpdate(1_000)
console.log(`1,000 machines: ${requests} requests in ${virtualMs} ms of virtual time`)
console.log(
  JSON.stringify({
    bench: 'fly-sim rolling update, 1,000 machines',
    ours: wallMs,
    theirs: wanted.thousandMachinesMs,
    unit: 'ms',
    bar: 1,
  }),
)
