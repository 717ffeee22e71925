import { existsSync, readFileSync } from 'node:fs'
import { createFlySim } from '@firebreak/fly-sim'
import { createTestClock } from '@firebreak/core/testing'
import { describe, expect, test } from 'vitest'
import { createFly } from '../fly.ts'
import { explains, knownMistakes } from './known-mistakes.fixture.ts'
import { specification, type Exchange } from './specification.fixture.ts'

const file = new URL('../../../../../shared/reference/fly-machines-openapi.json', import.meta.url)
const here = existsSync(file)
if (!here)
  console.log(
    "skipped: Fly's OpenAPI document is not beside this repository (../shared/reference), nothing to hold against",
  )

/** Every operation of the Machines API that the client has a method for. */
const used = [
  'get /apps',
  'post /apps',
  'get /apps/{app_name}',
  'delete /apps/{app_name}',
  'get /apps/{app_name}/machines',
  'post /apps/{app_name}/machines',
  'get /apps/{app_name}/machines/{machine_id}',
  'post /apps/{app_name}/machines/{machine_id}',
  'delete /apps/{app_name}/machines/{machine_id}',
  'post /apps/{app_name}/machines/{machine_id}/cordon',
  'get /apps/{app_name}/machines/{machine_id}/events',
  'post /apps/{app_name}/machines/{machine_id}/exec',
  'get /apps/{app_name}/machines/{machine_id}/lease',
  'post /apps/{app_name}/machines/{machine_id}/lease',
  'delete /apps/{app_name}/machines/{machine_id}/lease',
  'get /apps/{app_name}/machines/{machine_id}/metadata',
  'patch /apps/{app_name}/machines/{machine_id}/metadata',
  'post /apps/{app_name}/machines/{machine_id}/metadata/{key}',
  'delete /apps/{app_name}/machines/{machine_id}/metadata/{key}',
  'get /apps/{app_name}/machines/{machine_id}/ps',
  'post /apps/{app_name}/machines/{machine_id}/restart',
  'post /apps/{app_name}/machines/{machine_id}/signal',
  'post /apps/{app_name}/machines/{machine_id}/start',
  'post /apps/{app_name}/machines/{machine_id}/stop',
  'post /apps/{app_name}/machines/{machine_id}/suspend',
  'post /apps/{app_name}/machines/{machine_id}/uncordon',
  'get /apps/{app_name}/machines/{machine_id}/versions',
  'get /apps/{app_name}/machines/{machine_id}/wait',
  'get /orgs/{org_slug}/machines',
  'get /platform/regions',
]

describe.skipIf(!here)("requests and answers against Fly's specification", async () => {
  const spec = specification(here ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>) : { paths: {} })
  const exchanges = here ? await everything() : []
  const deviations = exchanges.flatMap((exchange) => spec.deviations(exchange))

  test('every operation that the client has was used', () => {
    const seen = new Set(exchanges.map((exchange) => spec.operationOf(exchange)))
    expect(seen).toEqual(new Set(used))
  })

  test('nothing deviates but where the specification is known to be wrong', () => {
    const unexplained = deviations.filter((deviation) => !knownMistakes.some((mistake) => explains(mistake, deviation)))
    expect(unexplained.map(({ operation, part, detail }) => `${operation} ${part} ${detail}`)).toEqual([])
  })

  test.each(knownMistakes)('the exception is needed: $truth', (mistake) => {
    expect(deviations.some((deviation) => explains(mistake, deviation))).toBe(true)
  })

  test('the check can fail: a field nobody knows, a wrong type, an unknown query', () => {
    const base = { method: 'POST', path: '/v1/apps/shop/machines/m1', query: [], status: 200, answer: { id: 'm1' } }
    expect(spec.deviations({ ...base, body: { config: { image: 'a' } } })).toEqual([])
    expect(spec.deviations({ ...base, body: { konfig: {} } })).toHaveLength(1)
    expect(spec.deviations({ ...base, body: { config: { image: 7 } } })).toHaveLength(1)
    expect(spec.deviations({ ...base, body: undefined, query: [['odd', '1']] })).toHaveLength(1)
    expect(spec.deviations({ ...base, body: undefined, answer: { id: 7 } })).toHaveLength(1)
  })
})

/** Uses every method once, and makes Fly refuse some. */
async function everything(): Promise<readonly Exchange[]> {
  const clock = createTestClock()
  const image = 'registry.fly.io/shop:deployment-1'
  const sim = createFlySim({
    clock,
    images: [{ ref: image }],
    apps: [
      { name: 'shop', machines: 3, regions: ['iad', 'ord'] },
      { name: 'theirs', organization: 'others' },
    ],
  })
  const exchanges: Exchange[] = []
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    const { pathname, searchParams } = new URL(request.url)
    const sent = await request.clone().text()
    const response = await sim.fetch(request)
    const text = await response.clone().text()
    if (pathname.startsWith('/v1/'))
      exchanges.push({
        method: request.method,
        path: pathname,
        query: [...searchParams],
        body: sent === '' ? undefined : JSON.parse(sent),
        status: response.status,
        answer: text === '' ? undefined : JSON.parse(text),
      })
    return response
  }
  const fly = createFly({ token: 'fo1_test', fetch, clock, pacing: false, retry: false })
  const { machines, ...app } = fly.app('shop')
  const run = <T>(work: PromiseLike<T>): Promise<T> => clock.run(Promise.resolve(work))
  const refused = (work: PromiseLike<unknown>) => run(Promise.resolve(work).catch(() => undefined))

  const [first, second] = await run(machines.list({ includeLeases: true }))
  if (first === undefined || second === undefined) throw new Error('the simulator has no machines')
  const { id } = first
  await run(
    machines.list({ region: 'iad', state: ['started', 'stopped'], includeDeleted: true, metadata: { role: 'web' } }),
  )
  await run(machines.list({ summary: true }))
  await run(machines.get(id))
  const lease = await run(machines.leases.acquire(id, { ttlSeconds: 30 }))
  await run(machines.leases.get(id))
  await run(machines.list({ includeLeases: true }))
  await run(machines.leases.refresh(id, lease, { ttlSeconds: 30 }))
  await refused(machines.cordon(id))
  await run(machines.cordon(id, { nonce: lease.nonce }))
  await run(machines.uncordon(id, { nonce: lease.nonce }))
  await run(machines.leases.release(id, lease.nonce))
  await run(machines.metadata.set(id, 'owner', 'me'))
  await run(machines.metadata.patch(id, { owner: null, team: 'ops' }, { version: first.instance_id }))
  await refused(machines.metadata.patch(id, { team: 'x' }, { version: '01OLD' }))
  await run(machines.metadata.get(id))
  await run(machines.metadata.remove(id, 'team'))
  await run(machines.exec(id, { command: ['echo', 'hi'], stdin: '', timeoutSeconds: 5 }))
  await run(machines.processes(id))
  await run(machines.signal(id, 'SIGUSR1'))
  await run(machines.restart(id, { graceSeconds: 3, signalName: 'SIGTERM', forceStop: true }))
  await run(machines.wait(id, { version: first.instance_id, timeoutMs: 5_000 }))
  await refused(
    machines.wait(id, { state: ['stopped', 'suspended', 'failed', 'destroyed', 'settled'], timeoutMs: 1_000 }),
  )
  const before = await run(machines.get(id))
  await run(
    machines.update(
      before,
      { image, metadata: { note: 'x' } },
      { skipServiceRegistration: false, minSecretsVersion: 0, leaseTtlSeconds: 1 },
    ),
  )
  await refused(machines.update(before, { image }))
  await run(machines.wait(id, { timeoutMs: 20_000 }))
  await run(machines.events(id, { limit: 5 }))
  await run(machines.versions(id))
  await run(machines.suspend(second.id))
  await run(machines.wait(second.id, { state: 'suspended' }))
  await run(machines.start(second.id))
  await run(machines.wait(second.id))
  await run(machines.stop(second.id, { signalName: 'SIGTERM', graceSeconds: 1 }))
  await run(machines.wait(second.id, { state: 'stopped' }))
  await run(machines.delete(second.id))
  const made = await run(
    machines.create({ config: { image }, name: 'annex', region: 'ord', skipLaunch: true, leaseTtlSeconds: 5 }),
  )
  await refused(machines.create({ config: { image }, name: 'annex' }))
  await refused(machines.delete(made.id, { force: true }))
  await refused(machines.get('nobody'))
  await run(app.get())
  await refused(fly.app('theirs').get())
  await run(fly.apps.create({ name: 'annex', organization: 'personal', network: 'night' }))
  await refused(fly.apps.create({ name: 'annex', organization: 'personal' }))
  await run(fly.apps.list({ organization: 'personal' }))
  await run(fly.apps.delete('annex', { force: true }))
  await run(fly.organizations.machines('personal', { region: 'iad', state: 'started' }))
  await run(fly.regions.list())
  await sim.close()
  return exchanges
}
