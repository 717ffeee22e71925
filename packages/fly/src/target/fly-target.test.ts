import { UnitChanged, type DeployTarget, type Release, type Unit } from '@firebreak/core'
import { expect, test, vi } from 'vitest'
import { bad, good, never, simShop } from '../fixtures/sim-shop.ts'
import { flyTarget } from './fly-target.ts'

const context = { signal: never }
type Full = Required<DeployTarget>

function targetOf(shop: ReturnType<typeof simShop>): Full {
  return flyTarget(shop.app) as Full
}

async function firstAndGood({ clock }: ReturnType<typeof simShop>, target: DeployTarget): Promise<[Unit, Release]> {
  const [units, releases] = await clock.run(Promise.all([target.units(context), target.releases(context)]))
  const release = releases.find(({ image }) => image === good)
  if (units[0] === undefined || release === undefined) throw new Error('the simulator lacks them')
  return [units[0], release]
}

test('releases come newest first, with digest and release command', async () => {
  await using shop = simShop({
    releases: [
      { image: good, agoMs: 86_400_000 },
      { image: bad, agoMs: 60_000, status: 'failed', definition: { deploy: { release_command: 'migrate' } } },
    ],
  })
  const releases = await shop.clock.run(targetOf(shop).releases(context))
  expect(releases).toMatchObject([
    { version: 2, status: 'failed', image: bad, hasReleaseCommand: true, labels: {} },
    { version: 1, status: 'complete', image: good, hasReleaseCommand: false },
  ])
  expect(releases[0]?.digest).toMatch(/^sha256:/)
  expect(releases[0]?.digest).not.toBe(releases[1]?.digest)
})

test("an author's declarations are read from the image and from fly.toml", async () => {
  await using shop = simShop(
    {
      releases: [
        { image: good, agoMs: 86_400_000, definition: { firebreak: { security: 'true' } } },
        { image: bad, agoMs: 60_000 },
      ],
    },
    { images: [{ ref: good }, { ref: bad, labels: { 'firebreak.migration': 'none', maintainer: 'x' } }] },
  )
  const releases = await shop.clock.run(targetOf(shop).releases(context))
  expect(releases.map(({ labels }) => labels)).toEqual([
    { 'firebreak.migration': 'none' },
    { 'firebreak.security': 'true' },
  ])
})

test('the digest of an image that was pruned is learnt from the machines that run it', async () => {
  await using shop = simShop()
  shop.sim.admin.prune(bad)
  const target = targetOf(shop)
  const [newest] = await shop.clock.run(target.releases(context))
  expect(newest?.digest).toMatch(/^sha256:/)
  expect(await shop.clock.run(target.available(newest as Release, context))).toBe(false)
})

test('whether an image can be pulled is asked each time', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const [, release] = await firstAndGood(shop, target)
  expect(await shop.clock.run(target.available(release, context))).toBe(true)
  shop.sim.admin.prune(good)
  expect(await shop.clock.run(target.available(release, context))).toBe(false)
})

test('an update changes the image, pinned by digest, and is seen to have settled', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const [unit, release] = await firstAndGood(shop, target)
  const updated = await shop.clock.run(target.update(unit, release, context))
  expect(updated).toMatchObject({ id: unit.id, state: 'updating' })
  expect(updated.revision).not.toBe(unit.revision)
  const settled = await shop.clock.run(target.settle(updated, context))
  expect(settled).toMatchObject({ state: 'started', image: good, digest: release.digest, revision: updated.revision })
  expect(settled.checks).toMatchObject([{ kind: 'service', status: 'passing' }])
  expect(shop.sim.admin.calls({ operation: 'machines.update' })[0]?.body).toContain(
    `"image":"${good}@${release.digest}"`,
  )
})

test('an update of a machine that moved meanwhile is refused, and nothing is written', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const [unit, release] = await firstAndGood(shop, target)
  await shop.clock.run(target.settle(await shop.clock.run(target.update(unit, release, context)), context))
  shop.sim.admin.clearCalls()
  await expect(shop.clock.run(target.update(unit, release, context))).rejects.toBeInstanceOf(UnitChanged)
  expect(shop.sim.admin.writes()).toEqual({})
})

test('somebody who changes the machine between the look and the write wins', async () => {
  await using shop = simShop({}, { faults: [{ kind: 'stale-version', operation: 'machines.update' }] })
  const target = targetOf(shop)
  const [unit, release] = await firstAndGood(shop, target)
  await expect(shop.clock.run(target.update(unit, release, context))).rejects.toMatchObject({
    code: 'UNIT_CHANGED',
    unit: unit.id,
  })
})

test('a second update while one is under way is refused as changed', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const [unit, release] = await firstAndGood(shop, target)
  const updated = await shop.clock.run(target.update(unit, release, context))
  await expect(shop.clock.run(target.update(updated, release, context))).rejects.toMatchObject({ code: 'UNIT_CHANGED' })
})

test('a silent revert by the platform is seen: the unit that settles runs the old image', async () => {
  await using shop = simShop({}, { faults: [{ kind: 'image-pull-failure' }] })
  const target = targetOf(shop)
  const [unit, release] = await firstAndGood(shop, target)
  const updated = await shop.clock.run(target.update(unit, release, context))
  const settled = await shop.clock.run(target.settle(updated, context))
  expect(settled).toMatchObject({ state: 'started', image: bad, digest: unit.digest })
  expect(settled.revision).not.toBe(updated.revision)
})

test.each(['stopped', 'suspended'] as const)(
  'a machine that is %s gets the image and stays as it is',
  async (state) => {
    await using shop = simShop({ machines: [{ state, region: 'iad' }, { region: 'iad' }] })
    const target = targetOf(shop)
    const units = await shop.clock.run(target.units(context))
    const [, release] = await firstAndGood(shop, target)
    const resting = units.find((unit) => unit.state === state) as Unit
    const settled = await shop.clock.run(
      target.settle(await shop.clock.run(target.update(resting, release, context)), context),
    )
    expect(settled).toMatchObject({ state: 'stopped', digest: release.digest })
    expect(shop.sim.admin.calls({ operation: 'machines.update' })[0]?.body).toContain('"skip_launch":true')
  },
)

test('a machine that the proxy stops during its update settles as stopped, on the new image', async () => {
  await using shop = simShop({}, { faults: [{ kind: 'autostop' }] })
  const target = targetOf(shop)
  const [unit, release] = await firstAndGood(shop, target)
  const settled = await shop.clock.run(
    target.settle(await shop.clock.run(target.update(unit, release, context)), context),
  )
  expect(settled).toMatchObject({ state: 'stopped', digest: release.digest })
})

test('checks that never pass are waited for in their grace, and then told as they are', async () => {
  await using shop = simShop(
    {
      releases: [
        { image: good, agoMs: 86_400_000 },
        { image: bad, agoMs: 60_000 },
      ],
    },
    { images: [{ ref: good, behaviour: { paths: { '/health': { errorRatio: 1 } } } }, { ref: bad }] },
  )
  const target = targetOf(shop)
  const [unit, release] = await firstAndGood(shop, target)
  const before = shop.clock.now()
  const settled = await shop.clock.run(
    target.settle(await shop.clock.run(target.update(unit, release, context)), context),
  )
  expect(settled.checks).toMatchObject([{ status: 'critical' }])
  expect(shop.clock.now() - before).toBeGreaterThanOrEqual(30_000)
  expect(shop.clock.now() - before).toBeLessThanOrEqual(60_000)
})

test('what is not ours to change says why, and is refused', async () => {
  await using shop = simShop({
    machines: [{ unmanaged: true }, { group: 'fly_app_release_command' }, { region: 'iad' }, { region: 'ord' }],
  })
  const target = targetOf(shop)
  const [, release] = await firstAndGood(shop, target)
  const ids = shop.sim.admin.machines('shop').map(({ id }) => id)
  shop.sim.admin.addFault({ kind: 'unreachable-host', machine: ids[3] })
  const units = await shop.clock.run(target.units(context))
  const reasons = Object.fromEntries(units.map(({ id, untouchable }) => [ids.indexOf(id), untouchable]))
  expect(reasons).toEqual({
    0: expect.stringContaining('fly_platform_version=v2') as string,
    1: expect.stringContaining('fly_app_release_command') as string,
    2: undefined,
    3: expect.stringContaining('unreachable') as string,
  })
  for (const unit of units.filter(({ untouchable }) => untouchable !== undefined))
    await expect(shop.clock.run(target.update(unit, release, context))).rejects.toMatchObject({
      code: expect.stringMatching(/FLY_UNTOUCHABLE/) as string,
      retryable: false,
    })
  expect(shop.sim.admin.writes()).toEqual({})
})

test('the lock is a lease on every machine that may be changed, and its nonces go with the writes', async () => {
  await using shop = simShop({ machines: [{ region: 'iad' }, { region: 'ord' }, { unmanaged: true }] })
  const target = targetOf(shop)
  const lock = await shop.clock.run(target.lock(context))
  expect(Object.keys(lock.nonces ?? {})).toHaveLength(2)
  const [unit, release] = await firstAndGood(shop, target)
  const without = shop.clock.run(target.update(unit, release, context))
  await expect(without).rejects.toMatchObject({ code: 'LOCK_HELD', unit: unit.id })
  await shop.clock.run(target.update(unit, release, { ...context, lock }))
})

test('units show a foreign lock, and not our own', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const lock = await shop.clock.run(target.lock(context))
  const strangers = await shop.clock.run(target.units(context))
  const ours = await shop.clock.run(target.units({ ...context, lock }))
  expect(strangers.every(({ lockedBy }) => lockedBy !== undefined)).toBe(true)
  expect(ours.every(({ lockedBy }) => lockedBy === undefined)).toBe(true)
})

test('a foreign lease is named and never stolen, and what was leased already is given back', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const held = shop.sim.admin.machines('shop')[1]
  shop.sim.admin.holdLease(held?.id ?? '', { owner: 'ci@example.com', milliseconds: 30_000 })
  await expect(shop.clock.run(target.lock(context))).rejects.toMatchObject({
    code: 'LOCK_HELD',
    holder: 'ci@example.com',
    unit: held?.id,
    expiresAt: expect.stringMatching(/^2026-/) as string,
  })
  const units = await shop.clock.run(target.units(context))
  expect(units.filter(({ lockedBy }) => lockedBy !== undefined).map(({ id }) => id)).toEqual([held?.id])
})

test('renewing keeps the nonces and extends; unlocking twice is harmless', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const lock = await shop.clock.run(target.lock(context))
  await shop.clock.advance(40_000)
  const renewed = await shop.clock.run(target.renew(lock, context))
  expect(renewed.nonces).toEqual(lock.nonces)
  expect(Date.parse(renewed.expiresAt)).toBeGreaterThan(Date.parse(lock.expiresAt))
  await shop.clock.run(target.unlock(renewed, context))
  await shop.clock.run(target.unlock(renewed, context))
  const units = await shop.clock.run(target.units(context))
  expect(units.every(({ lockedBy }) => lockedBy === undefined)).toBe(true)
})

test('a lock that ran out is lost: renewing says so, unlocking leaves the next holder alone', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const lock = await shop.clock.run(target.lock(context))
  await shop.clock.advance(61_000)
  const first = shop.sim.admin.machines('shop')[0]?.id ?? ''
  shop.sim.admin.holdLease(first, { owner: 'ci@example.com', milliseconds: 60_000 })
  await expect(shop.clock.run(target.renew(lock, context))).rejects.toMatchObject({ code: 'LOCK_HELD' })
  await shop.clock.run(target.unlock(lock, context))
  const units = await shop.clock.run(target.units(context))
  expect(units.find(({ id }) => id === first)?.lockedBy?.holder).toBe('ci@example.com')
})

test('a rollback is recorded as a release, running and then complete, and read back as a rollback', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const record = { image: good, reason: 'v2 fails', rollbackTo: 1 } as const
  const running = await shop.clock.run(target.recordRelease({ ...record, status: 'running' }, context))
  expect(running).toMatchObject({ version: 3, status: 'running', labels: { 'firebreak.rollback': 'v1' } })
  await shop.clock.run(target.recordRelease({ ...record, status: 'complete', release: running }, context))
  const stranger = flyTarget(shop.app)
  const [newest] = await shop.clock.run(stranger.releases(context))
  expect(newest).toMatchObject({ version: 3, status: 'complete', image: good, labels: { 'firebreak.rollback': 'v1' } })
})

test('recording again after a crash finds the release of the first time', async () => {
  await using shop = simShop()
  const record = { image: good, reason: 'v2 fails', rollbackTo: 1, status: 'running' } as const
  const key = { ...context, idempotencyKey: 'rollback-1' }
  const first = await shop.clock.run(targetOf(shop).recordRelease(record, key))
  const second = await shop.clock.run(targetOf(shop).recordRelease(record, key))
  expect(second.version).toBe(first.version)
})

test('a release that has its final status already is no error; another final status is', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const record = { image: good, reason: 'v2 fails', rollbackTo: 1 } as const
  const running = await shop.clock.run(target.recordRelease({ ...record, status: 'running' }, context))
  await shop.clock.run(target.recordRelease({ ...record, status: 'complete', release: running }, context))
  await shop.clock.run(target.recordRelease({ ...record, status: 'complete', release: running }, context))
  const other = target.recordRelease({ ...record, status: 'failed', release: running }, context)
  await expect(shop.clock.run(other)).rejects.toMatchObject({ code: 'FLY_INVALID_REQUEST', status: 422 })
})

test('machines carry the number of the release that was recorded for them', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const [unit, release] = await firstAndGood(shop, target)
  await shop.clock.run(target.recordRelease({ image: good, reason: 'x', rollbackTo: 1, status: 'running' }, context))
  const updated = await shop.clock.run(target.update(unit, release, context))
  expect(updated.release).toBe(3)
})

test('a long Retry-After is handed on at once, so that whoever waits can say so', async () => {
  await using shop = simShop(
    {},
    { faults: [{ kind: 'rate-limit', operation: 'machines.update', retryAfterSeconds: 20 }] },
  )
  const target = targetOf(shop)
  const [unit, release] = await firstAndGood(shop, target)
  const before = shop.clock.now()
  await expect(shop.clock.run(target.update(unit, release, context))).rejects.toMatchObject({
    code: 'FLY_RATE_LIMITED',
    retryAfterMs: 20_000,
  })
  expect(shop.clock.now() - before).toBeLessThan(1_000)
})

test.each([true, false])('an update whose connection breaks (effect: %s) ends with one new version', async (effect) => {
  await using shop = simShop({}, { faults: [{ kind: 'drop', operation: 'machines.update', effect }] })
  const target = targetOf(shop)
  const [unit, release] = await firstAndGood(shop, target)
  const updated = await shop.clock.run(target.update(unit, release, context))
  const settled = await shop.clock.run(target.settle(updated, context))
  expect(settled.digest).toBe(release.digest)
  const versions = await shop.clock.run(shop.app.machines.versions(unit.id))
  expect(versions).toHaveLength(2)
})

test('a host without room, or in maintenance, is an error that repeating does not cure', async () => {
  for (const [kind, code] of [
    ['capacity', 'FLY_CAPACITY'],
    ['maintenance', 'FLY_HOST_MAINTENANCE'],
  ] as const) {
    await using shop = simShop({}, { faults: [{ kind, operation: 'machines.update' }] })
    const target = targetOf(shop)
    const [unit, release] = await firstAndGood(shop, target)
    await expect(shop.clock.run(target.update(unit, release, context))).rejects.toMatchObject({
      code,
      retryable: false,
    })
  }
})

test('renewing goes on without a machine that was destroyed', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const lock = await shop.clock.run(target.lock(context))
  const [id = ''] = Object.keys(lock.nonces ?? {})
  await shop.clock.run(shop.app.machines.delete(id, { force: true, nonce: lock.nonces?.[id] }))
  await shop.clock.advance(5_000)
  const renewed = await shop.clock.run(target.renew(lock, context))
  expect(Object.keys(renewed.nonces ?? {})).toHaveLength(2)
})

test('after a refusal no further lease is asked for', async () => {
  await using shop = simShop({ machines: 60 })
  const target = targetOf(shop)
  shop.sim.admin.holdLease(shop.sim.admin.machines('shop')[0]?.id ?? '', { milliseconds: 600_000 })
  await expect(shop.clock.run(target.lock(context))).rejects.toMatchObject({ code: 'LOCK_HELD' })
  expect(shop.sim.admin.calls({ operation: 'leases.acquire' }).length).toBeLessThan(60)
})

test.each([{ lookEveryMs: Number.NaN }, { checkEveryMs: -1 }, { checksWithinMs: Number.NaN }, { lockSeconds: 0.5 }])(
  '%j is refused',
  async (options) => {
    await using shop = simShop()
    expect(() => flyTarget(shop.app, options)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error)
  },
)

test('isolating and rejoining a unit, twice each', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const [unit] = await firstAndGood(shop, target)
  expect(await shop.clock.run(target.isolate(unit, context))).toMatchObject({ cordoned: true, state: 'started' })
  expect(await shop.clock.run(target.isolate(unit, context))).toMatchObject({ cordoned: true })
  expect(await shop.clock.run(target.rejoin(unit, context))).toMatchObject({ cordoned: false })
  expect(await shop.clock.run(target.rejoin(unit, context))).toMatchObject({ cordoned: false })
})

test('restarting a unit', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const [unit] = await firstAndGood(shop, target)
  const restarted = await shop.clock.run(target.restart(unit, context))
  expect(restarted.state).toBe('starting')
  expect(await shop.clock.run(target.settle(restarted, context))).toMatchObject({ state: 'started' })
})

test('scaling up copies what most machines run; scaling the size keeps count and image', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const more = await shop.clock.run(target.scale({ count: 5 }, context))
  expect(more).toHaveLength(5)
  expect(new Set(more.map(({ image }) => image))).toEqual(new Set([bad]))
  const bigger = await shop.clock.run(target.scale({ memoryMb: 1_024 }, context))
  expect(bigger).toHaveLength(5)
  const machines = await shop.clock.run(Promise.resolve(shop.app.machines.list()))
  expect(machines.map(({ config }) => config?.guest?.memory_mb)).toEqual([1_024, 1_024, 1_024, 1_024, 1_024])
})

test('twice the memory is twice what each machine has, in every group, once however often it is asked for', async () => {
  await using shop = simShop({ machines: [{ region: 'iad' }, { region: 'ord' }, { region: 'iad', group: 'worker' }] })
  const target = targetOf(shop)
  for (const idempotencyKey of ['first', 'first', 'second'])
    await shop.clock.run(target.scale({ memoryFactor: 2 }, { ...context, idempotencyKey }))
  const machines = await shop.clock.run(Promise.resolve(shop.app.machines.list()))
  expect(machines.map(({ config }) => config?.guest?.memory_mb)).toEqual([2_048, 2_048, 2_048])
  await expect(shop.clock.run(target.scale({ memoryFactor: 2 }, context))).rejects.toThrow('once')
})

test('the platform is asked for incidents that may concern our regions', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  expect(await shop.clock.run(target.platform(context))).toEqual({ incidents: [] })
  shop.sim.admin.setPlatformIncident({ name: 'Networking', impact: 'critical' })
  const { incidents } = await shop.clock.run(target.platform(context))
  expect(incidents).toEqual([expect.stringContaining('Networking (critical') as string])
})

test('a caller who gives up is let go, and no timer stays behind', async () => {
  await using shop = simShop()
  const target = targetOf(shop)
  const [unit, release] = await firstAndGood(shop, target)
  const giveUp = new AbortController()
  const updated = await shop.clock.run(target.update(unit, release, context))
  const settling = target.settle(updated, { signal: giveUp.signal })
  settling.catch(vi.fn<() => void>())
  await shop.clock.advance(100)
  giveUp.abort(new Error('enough'))
  await expect(settling).rejects.toMatchObject({ code: 'ABORTED' })
})
