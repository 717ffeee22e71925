import { emptyService, InvalidInput, type Release, type ServiceRecord } from '@firebreak/core'
import { createTestClock, type TestClock } from '@firebreak/core/testing'
import { describe, expect, test } from 'vitest'
import { badRelease, day, digestOf, hour, I1, I3, minute, shop } from './fixtures/shop.ts'
import { planRollback, RollbackRefused, type PlanRollbackOptions, type RollbackPlan } from './index.ts'
import { memoryTarget, type MemoryTarget } from './testing/index.ts'

type History = readonly (Partial<Release> & { version: number; image: string; ago: number })[]

/** A service with this history, oldest first; `ago` in milliseconds. */
function after(history: History, options: Parameters<typeof memoryTarget>[0] = {}) {
  const clock = createTestClock()
  const releases = history.map(({ ago, ...release }) => ({
    digest: digestOf(release.image.at(-1) ?? 'f'),
    createdAt: new Date(clock.now() - ago).toISOString(),
    ...release,
  }))
  return { clock, target: memoryTarget({ clock, releases, ...options }) }
}

function plan(
  world: { clock: TestClock; target: MemoryTarget },
  options: Partial<PlanRollbackOptions> = {},
): Promise<RollbackPlan> {
  const { clock, target } = world
  return clock.run(planRollback(target, { reason: 'test', health: target.health, clock, ...options }))
}

async function refusal(work: Promise<unknown>): Promise<RollbackRefused> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(RollbackRefused)
  return error as RollbackRefused
}

const guard = (of: RollbackPlan, name: string) => of.guards.find((each) => each.guard === name)
const verdicts = (of: { candidates: RollbackPlan['candidates'] }) =>
  of.candidates.map(({ version, verdict }) => `v${version} ${verdict}`)

describe('what has been shipped since the release that is left', () => {
  const since = (more: Partial<Release> = {}) =>
    after([
      { version: 2, image: 'shop:2', ago: 5 * day },
      { version: 3, image: 'shop:3', ago: hour },
      { version: 4, image: 'shop:4', ago: minute, ...more },
    ])

  test('stops automation, and is said to a person', async () => {
    expect(guard(await plan(since(), { by: 'automation', from: 3 }), 'newer')).toMatchObject({
      verdict: 'no',
      observed: 'v4 has been shipped since',
    })
    expect(guard(await plan(since(), { from: 3 }), 'newer')?.verdict).toBe('warn')
  })

  test('counts as undone: its migration too', async () => {
    const world = since({ hasReleaseCommand: true })
    expect(guard(await plan(world, { by: 'automation', from: 3 }), 'migration')).toMatchObject({
      verdict: 'no',
      observed: 'v4 has a release_command and declares nothing',
    })
  })

  test.each([
    ['the same image with other secrets', { image: 'shop:3' }],
    ['a rollback', { image: 'shop:2', labels: { 'firebreak.rollback': 'v2' } }],
    ['the image gone to, by hand', { image: 'shop:2' }],
  ])('%s is none', async (_what, release) => {
    expect(guard(await plan(since(release), { by: 'automation', from: 3, to: 2 }), 'newer')).toBeUndefined()
  })
})

describe('last good', () => {
  test('is the newest complete other image, not the previous release', async () => {
    const world = after([
      { version: 1, image: 'shop:1', ago: 10 * day },
      { version: 2, image: 'shop:2', ago: 5 * day },
      { version: 3, image: 'shop:x', ago: 2 * hour, status: 'failed' },
      { version: 4, image: 'shop:y', ago: 1.5 * hour, status: 'interrupted' },
      { version: 5, image: 'shop:5', ago: hour },
    ])
    const found = await plan(world)
    expect(found).toMatchObject({ from: { version: 5 }, to: { version: 2 }, proven: true })
    expect(verdicts(found)).toEqual(['v5 leaving', 'v4 no', 'v3 no', 'v2 yes', 'v1 spare'])
    expect(found.candidates[1]?.reason).toMatch(/interrupted/)
  })

  test('a release with the image that is left is no way out, and two with one image are one', async () => {
    const world = after([
      { version: 1, image: 'shop:1', ago: 10 * day },
      { version: 2, image: 'shop:1', ago: 5 * day },
      { version: 3, image: 'shop:3', ago: 2 * hour },
      { version: 4, image: 'shop:3', ago: hour },
    ])
    const found = await plan(world)
    expect(found.to.version).toBe(2)
    expect(verdicts(found)).toEqual(['v4 leaving', 'v3 leaving', 'v2 yes', 'v1 same'])
  })

  test('two tags with one digest are one image', async () => {
    const world = after([
      { version: 1, image: 'shop:1', ago: 10 * day, digest: I1 },
      { version: 2, image: 'shop:2', ago: 5 * day, digest: I3 },
      { version: 3, image: 'shop:3', ago: hour, digest: I3 },
    ])
    expect(await plan(world)).toMatchObject({ to: { version: 1, digest: I1 } })
  })

  test('an image that is gone from the registry is not chosen', async () => {
    const world = after([
      { version: 1, image: 'shop:1', ago: 10 * day },
      { version: 2, image: 'shop:2', ago: 5 * day },
      { version: 3, image: 'shop:3', ago: hour },
    ])
    world.target.prune('shop:2')
    const found = await plan(world)
    expect(found.to.version).toBe(1)
    expect(found.candidates[1]).toMatchObject({ verdict: 'no', reason: 'image is gone from the registry' })
  })

  test('a proven image goes before a newer one that is not', async () => {
    const world = after([
      { version: 1, image: 'shop:1', ago: 10 * day },
      { version: 2, image: 'shop:2', ago: hour + 5 * minute },
      { version: 3, image: 'shop:3', ago: hour },
    ])
    const found = await plan(world)
    expect(found).toMatchObject({ to: { version: 1 }, proven: true })
    expect(found.candidates[1]).toMatchObject({ verdict: 'unproven' })
    expect(found.candidates[1]?.reason).toMatch(/live for only 5 min \(needs 30 min\)/)
  })

  test('without evidence the newest is taken for a person, as unproven', async () => {
    const world = after([
      { version: 1, image: 'shop:1', ago: 10 * day },
      { version: 2, image: 'shop:2', ago: 5 * day },
      { version: 3, image: 'shop:3', ago: hour },
    ])
    const found = await plan(world, { health: undefined })
    expect(found).toMatchObject({ to: { version: 2 }, proven: false })
    expect(guard(found, 'target')).toMatchObject({ verdict: 'warn' })
    expect(guard(await plan(world, { health: undefined, by: 'automation' }), 'target')).toMatchObject({ verdict: 'no' })
    expect(await refusal(plan(world, { health: undefined, requireProven: true }))).toMatchObject({ code: 'UNPROVEN' })
    expect(await plan(world, { requireProven: true })).toMatchObject({ proven: true })
  })

  test.each([
    ['too few requests', { requestsPerSecond: 0.01 }, /only \d+ requests seen \(needs 1,000\)/],
    ['no traffic at all', { requestsPerSecond: 0 }, /only 0 requests seen/],
  ])('%s prove nothing', async (_name, options, why) => {
    const world = after(
      [
        { version: 1, image: 'shop:1', ago: 10 * day },
        { version: 2, image: 'shop:2', ago: hour },
      ],
      options,
    )
    const found = await plan(world)
    expect(found.proven).toBe(false)
    expect(found.evidence.join()).toMatch(why)
  })

  test('green probes prove what has little traffic', async () => {
    const world = after(
      [
        { version: 1, image: 'shop:1', ago: 10 * day },
        { version: 2, image: 'shop:2', ago: hour },
      ],
      { requestsPerSecond: 0 },
    )
    expect(await plan(world, { probes: () => Promise.resolve({ observations: 40, failed: 0 }) })).toMatchObject({
      proven: true,
    })
    expect(await plan(world, { probes: () => Promise.resolve({ observations: 40, failed: 1 }) })).toMatchObject({
      proven: false,
    })
    expect(await plan(world, { probes: () => Promise.reject(new Error('down')) })).toMatchObject({ proven: false })
  })

  test('an image that was ill, or live when a P0 or P1 began, is not gone back to', async () => {
    const history: History = [
      { version: 1, image: 'shop:1', ago: 10 * day },
      { version: 2, image: 'shop:2', ago: 5 * day },
      { version: 3, image: 'shop:3', ago: hour },
    ]
    const ill = after(history, { behaviour: { 'shop:2': { errorRatio: 0.08 } } })
    expect(await plan(ill)).toMatchObject({ to: { version: 1 } })
    const world = after(history)
    const onsetAt = world.clock.now() - 3 * day
    expect(await plan(world, { incidents: [{ severity: 'P1', onsetAt }] })).toMatchObject({ to: { version: 1 } })
    expect(await plan(world, { incidents: [{ severity: 'P2', onsetAt }] })).toMatchObject({ to: { version: 2 } })
  })

  test('older than 14 days is unproven, and beyond five images nobody looks unless told to', async () => {
    const old = after([
      { version: 1, image: 'shop:1', ago: 15 * day },
      { version: 2, image: 'shop:2', ago: hour },
    ])
    expect(await plan(old)).toMatchObject({ to: { version: 1 }, proven: false })
    const many = after(
      Array.from({ length: 9 }, (_, index) => ({
        version: index + 1,
        image: `shop:${index + 1}`,
        ago: (10 - index) * hour,
      })),
    )
    for (const version of [4, 5, 6, 7, 8]) many.target.prune(`shop:${version}`)
    const none = await refusal(plan(many))
    expect(none.code).toBe('NO_CANDIDATE')
    expect(none.candidates.at(-1)?.reason).toMatch(/more than 5 images back/)
    expect(await plan(many, { to: 2 })).toMatchObject({ to: { version: 2 } })
  })

  test('a quarantined digest is not chosen under whatever tag', async () => {
    const world = after([
      { version: 1, image: 'shop:1', ago: 10 * day },
      { version: 2, image: 'shop:2', ago: 5 * day, digest: I3 },
      { version: 3, image: 'shop:3', ago: hour },
    ])
    const record: ServiceRecord = {
      ...emptyService('service/shop'),
      quarantined: [{ service: 'shop', version: 7, image: 'shop:other', digest: I3, reason: 'left', at: 0 }],
    }
    expect(await plan(world, { record })).toMatchObject({ to: { version: 1 } })
    expect(await refusal(plan(world, { record, to: 2 }))).toMatchObject({ code: 'QUARANTINED' })
    const allowed = await plan(world, { record, to: 2, quarantined: 'allow' })
    expect(allowed.proven).toBe(false)
    expect(guard(allowed, 'quarantine')?.verdict).toBe('warn')
  })

  test('an image without a digest may be a quarantined one: unproven', async () => {
    const world = after([
      { version: 1, image: 'shop:1', ago: 10 * day, ...({ digest: undefined } as object) },
      { version: 2, image: 'shop:2', ago: hour },
    ])
    const record: ServiceRecord = {
      ...emptyService('service/shop'),
      quarantined: [{ service: 'shop', version: 7, image: 'shop:other', digest: I3, reason: 'left', at: 0 }],
    }
    expect(await plan(world)).toMatchObject({ proven: true })
    expect(await plan(world, { record })).toMatchObject({ proven: false })
  })

  test('never below the lowest version allowed', async () => {
    const world = after([
      { version: 1, image: 'shop:1', ago: 10 * day },
      { version: 2, image: 'shop:2', ago: hour },
    ])
    expect(await refusal(plan(world, { neverBelow: 2 }))).toMatchObject({ code: 'NO_CANDIDATE' })
    expect(await refusal(plan(world, { neverBelow: 2, to: 1 }))).toMatchObject({ code: 'BELOW_FLOOR' })
  })

  test('a rollback is not toggled: planned again, it goes the same way and has nothing to do', async () => {
    const world = await badRelease()
    const { clock, target } = world
    target.ship({ image: 'shop:1', digest: I1, labels: { 'firebreak.rollback': 'v2' } })
    await clock.advance(minute)
    const again = await plan(world)
    expect(again).toMatchObject({ from: { version: 3 }, to: { version: 2 }, nothingToDo: true })
    target.ship({ image: 'shop:5', digest: digestOf('c') })
    await clock.advance(minute)
    const later = await plan(world)
    expect(later).toMatchObject({ from: { version: 5 }, to: { version: 4, digest: I1 } })
    expect(later.candidates.find(({ version }) => version === 3)).toMatchObject({
      verdict: 'no',
      reason: 'rollback v4 left this image',
    })
  })
})

describe('a named version', () => {
  test.each([
    ['does not exist', 9, 'NO_SUCH_RELEASE'],
    ['never became complete', 2, 'NOT_COMPLETE'],
    ['has no image any more', 1, 'IMAGE_GONE'],
  ] as const)('that %s is refused', async (_name, to, code) => {
    const world = after([
      { version: 1, image: 'shop:1', ago: 10 * day },
      { version: 2, image: 'shop:2', ago: 2 * hour, status: 'failed' },
      { version: 3, image: 'shop:3', ago: hour },
    ])
    world.target.prune('shop:1')
    expect(await refusal(plan(world, { to }))).toMatchObject({ code })
  })

  test('is taken over a better one, and its doubts are told', async () => {
    const world = after([
      { version: 1, image: 'shop:1', ago: 20 * day },
      { version: 2, image: 'shop:2', ago: 5 * day },
      { version: 3, image: 'shop:3', ago: hour },
    ])
    const found = await plan(world, { to: 1 })
    expect(found).toMatchObject({ to: { version: 1 }, proven: false, evidence: ['older than 14 d'] })
  })
})

describe('guards', () => {
  const labelled = (labels: Record<string, string>, more: Partial<Release> = {}) =>
    after([
      { version: 1, image: 'shop:1', ago: 10 * day },
      { version: 2, image: 'shop:2', ago: hour, labels, ...more },
    ])

  test.each([
    ['a release_command that declares nothing', labelled({}, { hasReleaseCommand: true }), 'no'],
    ['a declared migration', labelled({ 'firebreak.migration': 'destructive' }), 'no'],
    [
      'nobody knows whether it has one',
      after([
        { version: 1, image: 'shop:1', ago: 10 * day },
        { version: 2, image: 'shop:2', ago: hour, ...({ hasReleaseCommand: undefined } as object) },
      ]),
      'no',
    ],
    [
      'a release_command declared harmless',
      labelled({ 'firebreak.migration': 'none' }, { hasReleaseCommand: true }),
      'ok',
    ],
    [
      'a backward-compatible one',
      labelled({ 'firebreak.migration': 'backward-compatible' }, { hasReleaseCommand: true }),
      'ok',
    ],
    ['no release_command', labelled({}), 'ok'],
  ] as const)('migration: %s', async (_name, world, verdict) => {
    expect(guard(await plan(world, { by: 'automation' }), 'migration')?.verdict).toBe(verdict)
    const forPerson = guard(await plan(world), 'migration')?.verdict
    expect(forPerson).toBe(verdict === 'no' ? 'warn' : 'ok')
  })

  test('a migration in between counts too, not only the newest', async () => {
    const world = after([
      { version: 1, image: 'shop:1', ago: 10 * day },
      { version: 2, image: 'shop:2', ago: 2 * hour, status: 'failed', hasReleaseCommand: true },
      { version: 3, image: 'shop:3', ago: hour },
    ])
    expect(guard(await plan(world, { by: 'automation' }), 'migration')).toMatchObject({ verdict: 'no' })
  })

  test('a security release is not undone by automation', async () => {
    const world = labelled({ 'firebreak.security': 'true' })
    expect(guard(await plan(world, { by: 'automation' }), 'security')).toMatchObject({ verdict: 'no' })
  })

  test("somebody's lease is respected by everybody", async () => {
    const world = await badRelease()
    world.target.lockBy('ci@hotdash', minute)
    const lease = guard(await plan(world), 'lease')
    expect(lease).toMatchObject({ verdict: 'no' })
    expect(lease?.observed).toContain('ci@hotdash')
  })

  test('the budget is counted over a sliding hour and day, for automation only', async () => {
    const world = await badRelease()
    const at = (...ago: number[]): ServiceRecord => ({
      ...emptyService('service/shop'),
      charges: ago.map((each) => ({ action: 'rollback/v9/unit/m1', key: 'k', at: world.clock.now() - each })),
    })
    const verdict = async (record: ServiceRecord) =>
      guard(await plan(world, { record, by: 'automation' }), 'budget')?.verdict
    expect(await verdict(at())).toBe('ok')
    expect(await verdict(at(30 * minute))).toBe('no')
    expect(await verdict(at(2 * hour, 3 * hour))).toBe('ok')
    expect(await verdict(at(2 * hour, 3 * hour, 4 * hour))).toBe('no')
    expect(await verdict({ ...at(), charges: [{ action: 'restart/m1/1', key: 'k', at: world.clock.now() }] })).toBe(
      'ok',
    )
    expect(guard(await plan(world, { record: at(minute) }), 'budget')).toBeUndefined()
  })

  test('a hold is told to a person and stops automation', async () => {
    const world = await badRelease()
    const record = emptyService('service/shop')
    record.holds.set('h', { hold: 'h', reason: 'freeze', by: 'mia', at: 0 })
    expect(guard(await plan(world, { record }), 'hold')).toMatchObject({ verdict: 'warn' })
    expect(guard(await plan(world, { record, by: 'automation' }), 'hold')).toMatchObject({ verdict: 'no' })
  })
})

describe('units', () => {
  test('the ill first, the biggest region first, those already there next, the stopped last', async () => {
    const on = (id: string, more: object = {}) => ({ id, image: 'shop:3', digest: I3, ...more })
    const { clock, target } = shop({
      units: [
        on('a', { region: 'ord' }),
        on('b', { region: 'iad' }),
        on('c', { region: 'iad' }),
        on('d', { region: 'fra', state: 'stopped' }),
        on('e', { region: 'fra', image: 'shop:1', digest: I1 }),
        on('f', { region: 'ams', state: 'failed' }),
      ],
    })
    target.ship({ image: 'shop:3', digest: I3 }, { units: [] })
    const { units } = await plan({ clock, target })
    expect(units.map(({ id }) => id)).toEqual(['f', 'b', 'c', 'a', 'e', 'd'])
    expect(units.filter(({ judged }) => judged).map(({ id }) => id)).toEqual(['f'])
    expect(units.find(({ id }) => id === 'e')).toMatchObject({ alreadyThere: true })
  })

  test('no machines, no plan; no releases, no plan', async () => {
    const { clock, target } = shop({ units: [] })
    expect(await refusal(plan({ clock, target }))).toMatchObject({ code: 'NO_UNITS' })
    const foreign = shop({ units: [{ id: 'm1', image: 'shop:1', untouchable: 'not managed by fly deploy' }] })
    expect((await refusal(plan(foreign))).message).toMatch(/none of the 1 machines.*not managed/)
    const none = after([], { units: [{ id: 'm1', image: 'shop:1' }] })
    expect(await refusal(plan(none))).toMatchObject({ code: 'NO_RELEASES' })
  })
})

describe('the plan is data', () => {
  test('the same state gives the same plan, byte for byte, and it survives JSON', async () => {
    const world = await badRelease()
    const [first, second] = [await plan(world), await plan(world)]
    expect(JSON.stringify(second)).toBe(JSON.stringify(first))
    expect(JSON.parse(JSON.stringify(first))).toEqual(first)
    expect(first.id).toBe(first.digest.slice(0, 6))
  })

  test('its digest stays while the rollback goes on, and changes with the machines, the release and the image', async () => {
    const world = await badRelease()
    const { digest } = await plan(world)
    world.target.change('m1', { image: 'shop:1', digest: I1 })
    world.target.ship(
      { image: 'shop:1', digest: I1, status: 'running', labels: { 'firebreak.rollback': 'v2' } },
      { units: [] },
    )
    expect((await plan(world)).digest).toBe(digest)
    world.target.change('m2', { state: 'gone' })
    expect((await plan(world)).digest).not.toBe(digest)
    world.target.change('m2', { state: 'started' })
    expect((await plan(world)).digest).toBe(digest)
    expect((await plan(world, { from: 2, to: 1 })).digest).not.toBe(digest)
    world.target.ship({ image: 'shop:6', digest: digestOf('d') }, { units: [] })
    expect((await plan(world)).digest).not.toBe(digest)
  })

  test('nothing is changed by planning', async () => {
    const world = await badRelease()
    await plan(world)
    expect(new Set(world.target.calls.map(({ call }) => call))).toEqual(new Set(['releases', 'units', 'available']))
    expect(world.clock.pending).toBe(0)
  })
})

describe('bad input', () => {
  test.each([
    ['to', { to: Number.NaN }],
    ['to', { to: -1 }],
    ['to', { to: 1.5 }],
    ['from', { from: 0 }],
    ['reason', { reason: '  ' }],
    ['neverBelow', { neverBelow: Infinity }],
  ])('%s: %j is refused and named', async (field, options) => {
    const { target } = shop()
    const error = await planRollback(target, { reason: 'test', ...options }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(InvalidInput)
    expect(error).toMatchObject({ field })
    expect(target.calls).toEqual([])
  })

  test('a target that does not answer ends in its time, and an abort at once', async () => {
    const { clock, target } = shop()
    target.fault({ on: 'releases', kind: 'hangs' })
    await expect(clock.run(planRollback(target, { reason: 'test', clock, timeoutMs: 5_000 }))).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    await expect(
      planRollback(target, { reason: 'test', clock, signal: AbortSignal.abort(new Error('no')) }),
    ).rejects.toThrow('no')
    expect(clock.pending).toBe(0)
  })

  test('a registry that does not answer makes it unproven, not impossible', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'available', kind: 'droppedBefore', times: 9 })
    const found = await plan(world)
    expect(found.proven).toBe(false)
    expect(found.evidence.join()).toMatch(/registry did not say/)
  })
})
