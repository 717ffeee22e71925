import type { Signal } from '@firebreak/core'
import { classify } from '@firebreak/severity'
import { expect, test } from 'vitest'
import { bad, good, never, simShop } from '../fixtures/sim-shop.ts'
import { flyProbe, type FlyProbeOptions } from './fly-probe.ts'

const unhealthy = { paths: { '/health': { errorRatio: 1, status: 500 } } }

function probed(shop: ReturnType<typeof simShop>, options: FlyProbeOptions = {}) {
  const probe = flyProbe(shop.app, { health: false, ...options })
  return {
    look: () => shop.clock.run(probe.observe({ signal: never })),
    /** Looks every 15 s, and gives the signals of the last look. */
    watch: async (milliseconds: number): Promise<readonly Signal[]> => {
      let signals = await shop.clock.run(probe.observe({ signal: never }))
      for (let waited = 0; waited < milliseconds; waited += 15_000) {
        await shop.clock.advance(15_000)
        signals = await shop.clock.run(probe.observe({ signal: never }))
      }
      return signals
    },
  }
}

function of(signals: readonly Signal[], prefix: string): Signal | undefined {
  return signals.find(({ key }) => key.startsWith(prefix))
}

async function breakAll(shop: ReturnType<typeof simShop>, count = 3): Promise<string[]> {
  const ids = shop.sim.admin
    .machines('shop')
    .slice(0, count)
    .map(({ id }) => id)
  for (const id of ids) shop.sim.admin.breakMachine(id, unhealthy)
  await shop.clock.advance(20_000)
  return ids
}

test('a healthy app: its checks as a figure, resolved, every time', async () => {
  await using shop = simShop()
  const { look } = probed(shop)
  for (let count = 0; count < 2; count += 1) {
    expect(await look()).toMatchObject([
      {
        key: 'fly-checks/shop',
        status: 'resolved',
        measured: true,
        service: 'shop',
        symptoms: [{ kind: 'checks', passing: 3, total: 3, intermittent: false }],
        labels: { release: 'v2', releaseStatus: 'complete' },
      },
    ])
    await shop.clock.advance(15_000)
  }
})

test('failing checks are told after two observations 15 s apart, not after one', async () => {
  await using shop = simShop()
  const { look } = probed(shop)
  await breakAll(shop, 1)
  expect(of(await look(), 'fly-checks')).toBeUndefined()
  await shop.clock.advance(10_000)
  expect(of(await look(), 'fly-checks')).toBeUndefined()
  await shop.clock.advance(5_000)
  expect(of(await look(), 'fly-checks')).toMatchObject({
    status: 'firing',
    symptoms: [{ kind: 'checks', passing: 2, total: 3, intermittent: false }],
  })
})

test('one observation is never enough, however short the time to settle', async () => {
  await using shop = simShop()
  const { look } = probed(shop, { settleMs: 0 })
  await breakAll(shop, 1)
  expect(of(await look(), 'fly-checks')).toBeUndefined()
  expect(of(await look(), 'fly-checks')?.status).toBe('firing')
})

test('the time to settle can be scaled', async () => {
  await using shop = simShop()
  const { look } = probed(shop, { settleMs: 500 })
  await breakAll(shop, 1)
  await look()
  await shop.clock.advance(500)
  expect(of(await look(), 'fly-checks')?.status).toBe('firing')
})

test('all machines failing their checks is a complete outage, and says which', async () => {
  await using shop = simShop()
  const { watch } = probed(shop)
  const ids = await breakAll(shop)
  const signal = of(await watch(15_000), 'fly-checks')
  expect(signal?.symptoms).toEqual([{ kind: 'checks', passing: 0, total: 3, intermittent: false }])
  expect(classify(signal?.symptoms ?? []).severity).toBe('P0')
  for (const id of ids) expect(signal?.summary).toContain(id)
})

test('well again is said at once', async () => {
  await using shop = simShop()
  const { watch } = probed(shop)
  const [first] = await breakAll(shop, 1)
  await watch(15_000)
  shop.sim.admin.mendMachine(first ?? '')
  await shop.clock.advance(20_000)
  expect(of(await watch(0), 'fly-checks')).toMatchObject({ status: 'resolved', symptoms: [{ passing: 3, total: 3 }] })
})

test('metrics that never answer do not hold the look up', async () => {
  await using shop = simShop()
  const before = shop.clock.now()
  const hanging = {
    sample: ({ signal }: { signal: AbortSignal }) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('late')))),
  }
  expect(of(await probed(shop, { health: hanging }).look(), 'fly-checks')?.status).toBe('resolved')
  expect(shop.clock.now() - before).toBeLessThanOrEqual(5_000)
})

test('an informational check takes nothing out of the pool, and counts for nothing', async () => {
  await using shop = simShop(
    { checks: { disk: { path: '/disk', kind: 'informational' } } },
    { images: [{ ref: good }, { ref: bad, behaviour: { paths: { '/disk': { errorRatio: 1 } } } }] },
  )
  const { watch } = probed(shop)
  await shop.clock.advance(60_000)
  expect(of(await watch(30_000), 'fly-checks')).toMatchObject({
    status: 'resolved',
    symptoms: [{ passing: 3, total: 3 }],
  })
})

test('an informational check that fails twice on a machine is a warning of its own, and over when it passes', async () => {
  await using shop = simShop(
    { checks: { disk: { path: '/disk', kind: 'informational' } } },
    { images: [{ ref: good }, { ref: bad, behaviour: { paths: { '/disk': { errorRatio: 1 } } } }] },
  )
  const { watch } = probed(shop)
  await shop.clock.advance(60_000)
  expect(of(await watch(0), 'fly-informational')).toBeUndefined()
  const found = of(await watch(30_000), 'fly-informational')
  expect(found).toMatchObject({ status: 'firing', source: 'fly-checks', symptoms: [{ kind: 'warning' }] })
  for (const { id } of shop.sim.admin.machines('shop'))
    shop.sim.admin.breakMachine(id, { paths: { '/disk': { errorRatio: 0 } } })
  await shop.clock.advance(30_000)
  expect(of(await watch(0), 'fly-informational')).toMatchObject({ status: 'resolved' })
})

test('a readiness check counts', async () => {
  await using shop = simShop(
    { checks: { ready: { path: '/ready', kind: 'readiness' } } },
    { images: [{ ref: good }, { ref: bad, behaviour: { paths: { '/ready': { errorRatio: 1 } } } }] },
  )
  const { watch } = probed(shop)
  await shop.clock.advance(60_000)
  expect(of(await watch(30_000), 'fly-checks')).toMatchObject({
    status: 'firing',
    symptoms: [{ passing: 0, total: 3 }],
  })
})

test('failing checks that no user feels are conflicting evidence, and never P0', async () => {
  await using shop = simShop({ requestsPerSecond: 0 })
  const felt = { requests: 400, errors: 1, errorRatio: 0.0025, p95Ms: 100, since: 0, until: 1, source: 'test' }
  const { watch } = probed(shop, { health: { sample: () => Promise.resolve(felt) } })
  await breakAll(shop)
  const signal = of(await watch(15_000), 'fly-checks')
  expect(signal).toMatchObject({ status: 'firing', labels: { evidence: 'conflicting' } })
  expect(signal?.summary).toContain('conflicting evidence')
  expect(classify(signal?.symptoms ?? []).severity).toBe('P1')
})

test.each([
  ['too few requests', { requests: 29, errors: 0, errorRatio: 0 }],
  ['errors at 1 %', { requests: 400, errors: 4, errorRatio: 0.01 }],
  ['no figures', { requests: null, errors: null, errorRatio: null }],
])('with %s there is no conflict: the checks stand', async (_, figures) => {
  await using shop = simShop()
  const sample = { ...figures, p95Ms: null, since: 0, until: 1, source: 'test' }
  const { watch } = probed(shop, { health: { sample: () => Promise.resolve(sample) } })
  await breakAll(shop)
  expect(classify(of(await watch(15_000), 'fly-checks')?.symptoms ?? []).severity).toBe('P0')
})

test('figures that cannot be read do not hide the checks', async () => {
  await using shop = simShop()
  const { watch } = probed(shop, { health: { sample: () => Promise.reject(new Error('down')) } })
  await breakAll(shop)
  expect(of(await watch(15_000), 'fly-checks')?.status).toBe('firing')
})

test('machines under a lease do not count, for five minutes at most', async () => {
  await using shop = simShop()
  const { watch } = probed(shop)
  const ids = await breakAll(shop)
  for (const id of ids) shop.sim.admin.holdLease(id, { owner: 'ci@example.com', milliseconds: 3_600_000 })
  expect(of(await watch(240_000), 'fly-checks')).toBeUndefined()
  expect(of(await watch(90_000), 'fly-checks')).toMatchObject({
    status: 'firing',
    symptoms: [{ passing: 0, total: 3 }],
  })
})

test('a rolling deploy of a good image is no incident', async () => {
  await using shop = simShop(
    {},
    { images: [{ ref: good }, { ref: bad }, { ref: 'registry.fly.io/shop:deployment-3' }] },
  )
  const probe = flyProbe(shop.app, { health: false })
  const fired: Signal[] = []
  let over = false
  const deploy = shop.sim.admin.ship('shop', 'registry.fly.io/shop:deployment-3').finally(() => (over = true))
  const looking = (async () => {
    while (!over) {
      for (const signal of await probe.observe({ signal: never })) if (signal.status === 'firing') fired.push(signal)
      await shop.clock.sleep(5_000)
    }
  })()
  await shop.clock.run(Promise.all([deploy, looking]))
  expect(fired).toEqual([])
})

test('asleep is not down', async () => {
  await using shop = simShop({ machines: [{ state: 'stopped' }, { state: 'suspended' }], requestsPerSecond: 0 })
  const { watch } = probed(shop)
  expect((await watch(60_000)).filter(({ status }) => status === 'firing')).toEqual([])
})

test('nothing runs and it does not wake, twice: a complete outage', async () => {
  await using shop = simShop({ machines: [{ state: 'stopped' }], requestsPerSecond: 0 })
  const { watch } = probed(shop, { wake: () => Promise.resolve(false) })
  expect(of(await watch(15_000), 'fly-running')).toBeUndefined()
  expect(of(await watch(0), 'fly-running')?.symptoms).toEqual([{ kind: 'outage', extent: 'complete' }])
})

test('an app that wakes is asleep, and is not woken again and again', async () => {
  await using shop = simShop({ machines: [{ state: 'stopped' }], requestsPerSecond: 0 })
  let woken = 0
  const { watch } = probed(shop, { wake: () => Promise.resolve((woken += 1) > 0) })
  expect((await watch(1_800_000)).filter(({ status }) => status === 'firing')).toEqual([])
  expect(woken).toBe(1)
  await watch(2_400_000)
  expect(woken).toBe(2)
})

test('whoever cannot ask from outside has not seen an outage', async () => {
  await using shop = simShop({ machines: [{ state: 'stopped' }], requestsPerSecond: 0 })
  const { watch } = probed(shop, { wake: () => Promise.reject(new Error('no network here')) })
  expect(of(await watch(120_000), 'fly-running')).toBeUndefined()
})

test('nothing runs and users are turned away: a complete outage', async () => {
  await using shop = simShop({ machines: [{ state: 'stopped' }] })
  const turnedAway = { requests: 40, errors: 40, errorRatio: 1, p95Ms: null, since: 0, until: 1, source: 'test' }
  const { watch } = probed(shop, { health: { sample: () => Promise.resolve(turnedAway) } })
  expect(of(await watch(30_000), 'fly-running')).toMatchObject({ status: 'firing', symptoms: [{ kind: 'outage' }] })
})

test('a crash is told with its count and exit code, a third one in ten minutes as P1, and resolved when it is old', async () => {
  await using shop = simShop()
  const { look } = probed(shop)
  const { id } = shop.sim.admin.machines('shop')[0] ?? { id: '' }
  const crash = async (oom: boolean) => {
    shop.sim.admin.crash(id, oom ? { oom } : { code: 3 })
    await shop.clock.advance(30_000)
  }
  await crash(false)
  expect(of(await look(), 'fly-crash')).toMatchObject({
    key: `fly-crash/${id}`,
    status: 'firing',
    symptoms: [{ kind: 'crash', oom: false, exitCode: 3, count: 1, windowMs: 600_000 }],
  })
  await crash(false)
  await crash(true)
  const third = of(await look(), 'fly-crash')
  expect(third?.symptoms).toMatchObject([{ kind: 'crash', oom: true, count: 3 }])
  expect(classify(third?.symptoms ?? []).severity).toBe('P1')
  await shop.clock.advance(600_000)
  expect(of(await look(), 'fly-crash')?.status).toBe('resolved')
  expect(of(await look(), 'fly-crash')).toBeUndefined()
})

test('crashes are remembered over an update, which erases the events', async () => {
  await using shop = simShop()
  const { look } = probed(shop)
  const { id } = shop.sim.admin.machines('shop')[0] ?? { id: '' }
  shop.sim.admin.crash(id, { code: 1 })
  await shop.clock.advance(10_000)
  await look()
  await shop.clock.run(shop.app.machines.update(id, { metadata: { note: 'x' } }))
  await shop.clock.advance(60_000)
  expect(of(await look(), 'fly-crash')?.symptoms).toMatchObject([{ count: 1 }])
})

test('a stop that was asked for is no crash', async () => {
  await using shop = simShop()
  const { watch } = probed(shop)
  await shop.clock.run(shop.app.machines.stop(shop.sim.admin.machines('shop')[0]?.id ?? ''))
  await shop.clock.advance(20_000)
  const signals = await watch(30_000)
  expect(of(signals, 'fly-crash')).toBeUndefined()
  expect(of(signals, 'fly-checks')).toMatchObject({ status: 'resolved', symptoms: [{ passing: 2, total: 2 }] })
})

test('checks that come and go are intermittent', async () => {
  await using shop = simShop()
  const { look } = probed(shop)
  const { id } = shop.sim.admin.machines('shop')[0] ?? { id: '' }
  await look()
  let signal: Signal | undefined
  for (const broken of [true, false, true, false]) {
    if (broken) shop.sim.admin.breakMachine(id, unhealthy)
    else shop.sim.admin.mendMachine(id)
    await shop.clock.advance(31_000)
    signal = of(await look(), 'fly-checks')
  }
  expect(signal).toMatchObject({ status: 'firing', symptoms: [{ passing: 3, total: 3, intermittent: true }] })
  expect(classify(signal?.symptoms ?? []).severity).toBe('P1')
})

test("users' errors are a figure of their own, firing from 1 % on, in a release that answers its checks", async () => {
  const behaviour = { errorRatio: 0.6, paths: { '/health': { errorRatio: 0 } } }
  await using shop = simShop({}, { images: [{ ref: good }, { ref: bad, behaviour }] })
  await shop.clock.advance(120_000)
  const probe = flyProbe(shop.app)
  const signals = await shop.clock.run(probe.observe({ signal: never }))
  const errors = of(signals, 'fly-errors')
  expect(errors).toMatchObject({
    key: 'fly-errors/shop',
    source: 'fly-edge',
    status: 'firing',
    symptoms: [{ kind: 'errorRate', windowMs: 60_000 }],
  })
  expect(classify(errors?.symptoms ?? []).severity).toBe('P0')
  expect(of(signals, 'fly-checks')?.status).toBe('resolved')
  const silent = flyProbe(shop.app, { errors: false })
  expect(of(await shop.clock.run(silent.observe({ signal: never })), 'fly-errors')).toBeUndefined()
})

test('a few failures of few requests are looked at over wider windows, as far back as users have been ill', async () => {
  await using shop = simShop({ requestsPerSecond: 1 / 3 })
  const probe = flyProbe(shop.app)
  const look = async () => of(await shop.clock.run(probe.observe({ signal: never })), 'fly-errors')
  const windows = (signal: Signal | undefined) =>
    signal?.symptoms.map((symptom) => (symptom.kind === 'errorRate' ? (symptom.windowMs ?? 0) / 1_000 : 0))
  expect(windows(await look())).toEqual([60])
  for (const { id } of shop.sim.admin.machines('shop')) shop.sim.admin.breakMachine(id, { errorRatio: 0.2 })
  await shop.clock.advance(60_000)
  expect(windows(await look()), 'ill for no longer than it was seen').toEqual([60])
  let signal: Signal | undefined
  for (let turn = 0; turn < 8; turn += 1) {
    await shop.clock.advance(30_000)
    signal = await look()
  }
  expect(windows(signal)).toEqual([60, 300])
  expect(classify(signal?.symptoms.slice(0, 1) ?? []).severity, 'one minute proves nothing').toBeNull()
  expect(classify(signal?.symptoms ?? []).severity).toBe('P1')
  for (const { id } of shop.sim.admin.machines('shop')) shop.sim.admin.mendMachine(id)
  await shop.clock.advance(120_000)
  expect(await look()).toMatchObject({ status: 'resolved' })
  for (const { id } of shop.sim.admin.machines('shop')) shop.sim.admin.breakMachine(id, { errorRatio: 0.2 })
  await shop.clock.advance(60_000)
  expect(windows(await look()), 'what is over does not come back').toEqual([60])
})

test('without traffic nothing is said about errors, neither well nor ill', async () => {
  await using shop = simShop({ requestsPerSecond: 0 })
  await shop.clock.advance(120_000)
  expect(of(await shop.clock.run(flyProbe(shop.app).observe({ signal: never })), 'fly-errors')).toBeUndefined()
})

test('an incident of the platform is a dependency of ours, and over when it is over', async () => {
  await using shop = simShop()
  const { look } = probed(shop)
  shop.sim.admin.setPlatformIncident({ name: 'Networking in IAD', impact: 'critical' })
  expect(of(await look(), 'fly-platform')).toMatchObject({
    status: 'firing',
    symptoms: [{ kind: 'dependency', name: 'Fly.io', role: 'other' }],
  })
  shop.sim.admin.setPlatformIncident(undefined)
  await shop.clock.advance(60_000)
  expect(of(await look(), 'fly-platform')?.status).toBe('resolved')
})

test('a host out of reach counts against the checks after it has settled', async () => {
  await using shop = simShop()
  const { watch } = probed(shop)
  shop.sim.admin.addFault({ kind: 'unreachable-host', machine: shop.sim.admin.machines('shop')[0]?.id })
  expect(of(await watch(30_000), 'fly-checks')).toMatchObject({
    status: 'firing',
    symptoms: [{ passing: 2, total: 3 }],
  })
})

test("when Fly's API cannot be read the probe rejects: that says nothing about the app", async () => {
  await using shop = simShop(
    {},
    { faults: [{ kind: 'unavailable', operation: 'machines.list', times: 99 }] },
    { retry: false },
  )
  await expect(probed(shop).look()).rejects.toMatchObject({ code: 'FLY_PLATFORM' })
})

test('without GraphQL and the status page the machines are judged all the same', async () => {
  await using shop = simShop(
    {},
    { faults: [{ kind: 'unavailable', operation: 'graphql', times: 99 }] },
    { retry: false },
  )
  const { watch } = probed(shop)
  await breakAll(shop)
  expect(of(await watch(15_000), 'fly-checks')?.status).toBe('firing')
})

test('what an earlier process told is over once this one has looked for a minute and has not seen it', async () => {
  await using shop = simShop()
  const fact = (key: string): Signal => ({
    id: key,
    key,
    source: 'fly-machines',
    measured: true,
    service: 'shop',
    status: 'firing',
    at: new Date(shop.clock.now()).toISOString(),
    summary: 'told before',
    symptoms: [],
    labels: {},
    links: [],
  })
  const firing = ['fly-crash/gone', 'fly-platform', 'alertmanager/other'].map(fact)
  await shop.clock.advance(120_000)
  // Another responder still sees it.
  firing.push(fact('fly-stuck/theirs'))
  const probe = flyProbe(shop.app, { health: false, platformEveryMs: false })
  const over: string[] = []
  for (let look = 0; look < 8; look += 1) {
    const seen = await shop.clock.run(probe.observe({ signal: never, firing }))
    for (const { key, status } of seen) if (!key.startsWith('fly-checks/')) over.push(`${look} ${key} ${status}`)
    await shop.clock.advance(15_000)
  }
  // Told until it is on record; what nothing is known of stays unknown, and what others told is theirs to take back.
  expect(over.slice(0, 1)).toEqual(['4 fly-crash/gone resolved'])
  expect(new Set(over.map((it) => it.slice(2)))).toEqual(new Set(['fly-crash/gone resolved']))
})
