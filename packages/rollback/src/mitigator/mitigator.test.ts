import { describe, expect, test } from 'vitest'
import { drive, opened, reopened, type Drive } from '../fixtures/drive.ts'
import { bad, incident } from '../fixtures/incident.ts'
import { badRelease, day, digestOf, hour, I1, I3, minute, second, shop } from '../fixtures/shop.ts'
import {
  createMitigator,
  scaleAutomation,
  standardAutomation,
  type Automation,
  type MitigatorOptions,
} from '../index.ts'
import type { MemoryTarget } from '../testing/index.ts'

const writes = ({ calls }: MemoryTarget) =>
  calls.filter(({ call }) => ['update', 'restart', 'isolate', 'rejoin', 'scale', 'recordRelease'].includes(call))
const releases = ({ releases: list }: MemoryTarget) => list({ signal: new AbortController().signal })

const automation = (change: Partial<Automation>): Automation => ({ ...standardAutomation, ...change })
const securityReport = (at: number) => ({
  id: 's',
  key: 'report',
  source: 'report',
  measured: false,
  service: 'shop',
  status: 'firing',
  at: new Date(at).toISOString(),
  summary: '',
  labels: {},
  links: [],
  symptoms: [{ kind: 'security', detail: 'leak' }],
})
const guards = (loop: Drive) => loop.of('guard.refused').map(({ guard }) => guard)

describe('scenario 1: a bad release at P0', () => {
  test('is rolled back one machine first, verified, recorded and quarantined', async () => {
    const world = await badRelease()
    const { clock, target } = world
    const loop = await incident(world)
    const pagedAt = clock.now()
    await loop.until(10 * minute)

    expect(loop.of('release.suspected').at(-1)).toMatchObject({ verdict: 'suspected', release: { version: 3 } })
    expect(target.applied.map(({ unit }) => unit)).toEqual(['m1', 'm2', 'm3'])
    expect(target.applied[0]!.at - pagedAt).toBeGreaterThanOrEqual(10 * second)
    expect(loop.of('unit.updated').at(-1)).toMatchObject({ unit: 'm3', done: 3, total: 3, outcome: 'updated' })
    expect(loop.of('mitigation.finished')).toMatchObject([{ outcome: 'verified', action: 'rollback/v3' }])
    expect(loop.incident).toMatchObject({ status: 'mitigated' })
    expect(loop.service.quarantined).toMatchObject([{ version: 3, digest: I3 }])
    expect(loop.service.charges).toMatchObject([{ action: 'rollback/v3/unit/m1' }])
    const [v4] = await releases(target)
    expect(v4).toMatchObject({ version: 4, status: 'complete', digest: I1, labels: { 'firebreak.rollback': 'v2' } })
    expect(loop.types().slice(-4)).toEqual([
      'rollback.verified',
      'incident.mitigated',
      'mitigation.finished',
      'action.finished',
    ])
  })

  test('nine machines: one first, then two at a time under one lock, and no two locks', async () => {
    const units = Array.from({ length: 9 }, (_, index) => ({ id: `m${index}`, image: 'shop:1', digest: I1 }))
    const world = await badRelease({ units, requestsPerSecond: 90 })
    const loop = await incident(world)
    await loop.until(15 * minute)
    expect(loop.incident.status).toBe('mitigated')
    const starts = world.target.applied.map(({ at }) => at)
    expect(starts).toHaveLength(9)
    expect(starts.filter((at) => at === starts[0])).toHaveLength(1)
    expect(Math.max(...starts.map((at) => starts.filter((other) => other === at).length))).toBe(2)
    expect(world.target.calls.filter(({ call }) => call === 'lock')).toHaveLength(5)
    expect(loop.of('unit.updated').at(-1)).toMatchObject({ done: 9, total: 9 })
  })

  test("the platform's history says running before the first machine, and complete at the end: one release", async () => {
    const world = await badRelease()
    const loop = await incident(world)
    while (loop.incident.units.size < 1) await loop.until(second)
    expect((await releases(world.target))[0]).toMatchObject({ version: 4, status: 'running' })
    const order = world.target.calls.map(({ call }) => call)
    expect(order.indexOf('recordRelease')).toBeLessThan(order.indexOf('update'))
    await loop.until(10 * minute)
    expect((await releases(world.target)).map(({ version, status }) => `v${version} ${status}`)).toEqual([
      'v4 complete',
      'v3 complete',
      'v2 complete',
      'v1 complete',
    ])
  })

  test('a platform that cannot record does not stop a rescue', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'recordRelease', kind: 'droppedBefore', times: 99 })
    const loop = await incident(world)
    await loop.until(10 * minute)
    expect(loop.incident.status).toBe('mitigated')
  })

  test('the same plan in the same state, and it is pure', async () => {
    const loop = await incident(await badRelease())
    expect(loop.planned()).toEqual(loop.planned())
    await loop.until(20 * second)
    expect(loop.planned()).toEqual(loop.planned())
  })

  test('a fire drill has the same judgement in a thirtieth of the time', async () => {
    const busy = { requestsPerSecond: 600, settleMs: 100 }
    const world = await badRelease(busy, { liveMs: 4 * second, sinceMs: 2 * second })
    const loop = await incident(world, { automation: scaleAutomation(standardAutomation, 1 / 30) })
    const startedAt = world.clock.now()
    await loop.until(30 * second)
    expect(loop.incident.status).toBe('mitigated')
    expect(world.target.applied[0]!.at - startedAt).toBeLessThan(3 * second)
  })
})

describe('what automation never does', () => {
  const never: [
    string,
    () => Promise<Awaited<ReturnType<typeof badRelease>>>,
    Partial<MitigatorOptions> | undefined,
    string | undefined,
  ][] = [
    ['undo a possible migration', bad({ hasReleaseCommand: true }), undefined, 'migration'],
    ['undo a security release', bad({ labels: { 'firebreak.security': 'true' } }), undefined, 'security'],
    ['go to an unproven image', bad({}, { requestsPerSecond: 0.005 }), undefined, undefined],
    ['go below the floor', bad(), { automation: automation({ neverBelow: 3 }) }, 'target'],
    ['act on a service that is not listed', bad(), { automation: automation({ services: ['cart'] }) }, 'mode'],
    ['act without figures', bad(), { health: undefined }, undefined],
    ['act in shadow mode', bad(), { automation: automation({ mode: 'shadow' }) }, 'mode'],
    ['act when it is off', bad(), { automation: automation({ mode: 'off' }) }, undefined],
    [
      'act while the platform reports an incident',
      bad(),
      { platform: () => Promise.resolve(['iad: network']) },
      'suspicion',
    ],
    ['act when the platform cannot be asked', bad(), { platform: () => Promise.reject(new Error('down')) }, undefined],
  ]
  test.each(never)('%s', async (_name, make, options, guard) => {
    const world = await make()
    const loop = await incident(world, options)
    await loop.until(20 * minute)
    expect(writes(world.target)).toEqual([])
    expect(loop.service.charges).toEqual([])
    expect(guards(loop)).toEqual(expect.arrayContaining(guard === undefined ? [] : [guard]))
  })

  test('not before the page has gone out, however long that takes', async () => {
    const world = await badRelease()
    const { clock, target, onsetAt } = world
    const loop = drive(createMitigator({ target, health: target.health }), clock)
    const all = opened(clock, { onsetAt })
    loop.record(...all.slice(0, -1))
    await loop.until(5 * minute)
    expect(target.applied).toEqual([])
    loop.record(all.at(-1)!)
    const sentAt = clock.now()
    await loop.until(minute)
    expect(target.applied[0]!.at).toBe(sentAt + 10 * second)
  })

  test.each(['evidence.captured', 'impact.estimated'])('not before %s', async (missing) => {
    const world = await badRelease()
    const { clock, target, onsetAt } = world
    const loop = drive(createMitigator({ target, health: target.health }), clock)
    loop.record(...opened(clock, { onsetAt }).filter(({ type }) => type !== missing))
    await loop.until(5 * minute)
    expect(target.applied).toEqual([])
    loop.record(...opened(clock, { onsetAt }).filter(({ type }) => type === missing))
    await loop.until(5 * minute)
    expect(target.applied).toHaveLength(3)
  })

  test('what others tell us is never evidence: two webhooks and no figures of our own', async () => {
    const world = await badRelease()
    const { clock, target, onsetAt } = world
    const loop = drive(
      createMitigator({
        target,
        health: {
          sample: (query) => target.health.sample(query).then((sample) => ({ ...sample, source: 'prometheus' })),
        },
      }),
      clock,
    )
    loop.record(
      ...opened(clock, { onsetAt }).map((event) =>
        event.type === 'signal.observed' ? { ...event, data: { ...event.data, measured: false } } : event,
      ),
    )
    await loop.until(20 * minute)
    expect(target.applied).toEqual([])
    expect(loop.incident.suspicion?.tests.find(({ test: name }) => name === 'measured')?.answer).toBe('unknown')
  })

  test('a file that recorded it is no page', async () => {
    const world = await badRelease()
    const { clock, target, onsetAt } = world
    const loop = drive(createMitigator({ target, health: target.health }), clock)
    loop.record(
      ...opened(clock, { onsetAt }).map((event) =>
        event.type === 'page.requested' ? { ...event, data: { ...event.data, reach: 'record' } } : event,
      ),
    )
    await loop.until(10 * minute)
    expect(target.applied).toEqual([])
  })

  test('one that becomes a security incident before the first write is left alone, and is not asked about', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    while (loop.incident.plan === undefined) await loop.until(100)
    loop.record({ type: 'signal.observed', data: securityReport(world.clock.now()) })
    await loop.until(20 * minute)
    expect(writes(world.target)).toEqual([])
    expect(loop.of('mitigation.finished')).toMatchObject([{ outcome: 'aborted' }])
    expect(loop.of('approval.requested')).toEqual([])
  })

  test('while a security incident is open: evidence only', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    loop.record({ type: 'signal.observed', data: securityReport(world.clock.now()) })
    await loop.until(20 * minute)
    expect(writes(world.target)).toEqual([])
  })
})

describe('holds', () => {
  test('a hold stops acting before the first machine, and its end lets it go on', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    loop.tellService({ type: 'hold.placed', data: { hold: 'h', reason: 'freeze', by: 'mia' } })
    await loop.until(5 * minute)
    expect(world.target.applied).toEqual([])
    expect(guards(loop)).toContain('hold')
    loop.tellService({ type: 'hold.released', data: { hold: 'h', by: 'mia' } })
    await loop.until(5 * minute)
    expect(loop.incident.status).toBe('mitigated')
  })

  test('a hold in the middle leaves the rest, and its end finishes it', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    while (loop.incident.units.size < 1) await loop.until(second)
    loop.tellService({ type: 'hold.placed', data: { hold: 'h', reason: 'STOP', by: 'mia' } })
    const before = world.target.applied.length
    expect(before).toBe(1)
    await loop.until(10 * minute)
    expect(world.target.applied).toHaveLength(before)
    loop.tellService({ type: 'hold.released', data: { hold: 'h', by: 'mia' } })
    await loop.until(5 * minute)
    expect(loop.of('mitigation.finished')).toMatchObject([{ outcome: 'verified' }])
  })

  test('a hold that comes while the lock is taken stops the write', async () => {
    const world = await badRelease()
    const { clock, target, onsetAt } = world
    const holding: MemoryTarget = {
      ...target,
      lock: async (context) => {
        loop.held = true
        return target.lock(context)
      },
    }
    const loop = drive(createMitigator({ target: holding, health: target.health }), clock)
    loop.record(...opened(clock, { onsetAt }))
    await loop.until(20 * minute)
    expect(target.applied).toEqual([])
  })

  test('a hold that comes right before the write stops the write', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    loop.held = true
    await loop.until(minute)
    expect(world.target.applied).toEqual([])
    loop.held = false
    await loop.until(10 * minute)
    expect(loop.incident.status).toBe('mitigated')
  })
})

describe('scenario 6 and 8: not the release', () => {
  test('a database that fails on two services is no reason to roll back; it says why', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    const at = new Date(world.onsetAt).toISOString()
    loop.record(
      {
        type: 'signal.observed',
        data: {
          id: 'd',
          key: 'postgres',
          source: 'postgres',
          measured: true,
          service: 'shop',
          status: 'firing',
          at,
          summary: '',
          labels: {},
          links: [],
          symptoms: [{ kind: 'dependency', name: 'postgres', role: 'database' }],
        },
      },
      { type: 'incident.linked', data: { service: 'shop', incident: 'incident/cart/1', why: 'same minute' } },
    )
    await loop.until(20 * minute)
    expect(writes(world.target)).toEqual([])
    expect(loop.of('guard.refused')).toMatchObject([{ guard: 'suspicion', observed: 'postgres does not answer' }])
    expect(loop.of('approval.requested')).toEqual([])
  })

  test('another service that fell ill without a release of its own is another cause', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    loop.record({ type: 'incident.linked', data: { service: 'shop', incident: 'incident/cart/1', why: 'same minute' } })
    await loop.until(20 * minute)
    expect(writes(world.target)).toEqual([])
    expect(loop.of('guard.refused')[0]!['observed']).toMatch(/cart fell ill/)
  })

  test('a secrets release cannot be cured by an image, and is named', async () => {
    const { clock, target, at } = shop()
    target.ship({ image: 'shop:1', digest: I1, description: 'secrets' })
    await clock.advance(90 * second)
    const onsetAt = clock.now()
    target.behave('shop:1', { errorRatio: 1 })
    await clock.advance(minute)
    const loop = await incident({ clock, target, at, onsetAt })
    await loop.until(20 * minute)
    expect(writes(target)).toEqual([])
    expect(loop.of('guard.refused')[0]!['observed']).toMatch(/v3 has the image of v2.*secrets/)
  })
})

describe('scenario 11, 29, 35: what platforms do in the middle', () => {
  test('a silent revert ends in a mixed service that is never called a success', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'update', unit: 'm2', kind: 'reverted', times: 2 })
    const loop = await incident(world)
    await loop.until(20 * minute)
    expect(loop.of('mitigation.finished')).toMatchObject([{ outcome: 'partial' }])
    expect(loop.of('unit.updated').filter(({ unit }) => unit === 'm2')).toMatchObject([
      { outcome: 'reverted' },
      { outcome: 'reverted' },
      { outcome: 'failed' },
    ])
    expect(loop.of('rollback.failed')).toHaveLength(1)
    expect(loop.incident.status).toBe('open')
    expect(loop.service.quarantined).toEqual([])
    expect((await releases(world.target))[0]).toMatchObject({ version: 4, status: 'failed' })
  })

  test('a performer that dies after the update was sent: the next one looks, and nothing is updated twice', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    for (const unit of ['m1', 'm2', 'm3']) loop.loseOutcomeOf(`rollback/v3/unit/${unit}`)
    for (const step of ['record', 'verify']) loop.loseOutcomeOf(`rollback/v3/${step}`)
    await loop.until(20 * minute)
    expect(loop.incident.status).toBe('mitigated')
    expect(world.target.applied.map(({ unit }) => unit)).toEqual(['m1', 'm2', 'm3'])
    expect(
      (await releases(world.target)).filter(({ labels }) => labels['firebreak.rollback'] !== undefined),
    ).toHaveLength(1)
    expect(loop.service.charges, 'charged once').toHaveLength(1)
  })

  test('being told to wait is obeyed', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'update', unit: 'm2', kind: 'throttled', retryAfterMs: 20 * second, times: 2 })
    const loop = await incident(world)
    await loop.until(20 * minute)
    const sent = world.target.calls.filter(({ call, unit }) => call === 'update' && unit === 'm2').map(({ at }) => at)
    expect(sent).toHaveLength(3)
    expect(Math.min(sent[1]! - sent[0]!, sent[2]! - sent[1]!)).toBeGreaterThanOrEqual(20 * second)
    const waits = loop.of('unit.updated').filter(({ outcome }) => outcome === 'waiting')
    expect(waits, 'progress shows the wait').toMatchObject([
      { unit: 'm2', done: 1, total: 3, why: expect.stringContaining('waits 20 s') },
      { unit: 'm2', done: 1, total: 3, why: expect.stringContaining('waits 20 s') },
    ])
    expect(loop.incident.status).toBe('mitigated')
  })

  test("somebody else's lease is waited for and never taken", async () => {
    const world = await badRelease()
    world.target.lockBy('ci', 10 * minute)
    const loop = await incident(world)
    await loop.until(8 * minute)
    expect(world.target.applied).toEqual([])
    expect(loop.of('guard.refused')[0]).toMatchObject({ guard: 'lease' })
    await loop.until(8 * minute)
    expect(loop.incident.status).toBe('mitigated')
  })

  test('a deploy that comes in between aborts it before the first write', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    while (loop.incident.plan === undefined) await loop.until(100)
    world.target.ship({ image: 'shop:9', digest: digestOf('c') })
    await loop.until(5 * minute)
    expect(world.target.applied).toEqual([])
    expect(loop.of('mitigation.finished')[0]).toMatchObject({ outcome: 'aborted' })
  })

  test('a level that falls before the first write aborts it', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    while (loop.incident.plan === undefined) await loop.until(100)
    loop.record({ type: 'incident.assessed', data: { service: 'shop', severity: 'P1', reasons: [] } })
    await loop.until(5 * minute)
    expect(world.target.applied).toEqual([])
    expect(guards(loop)).toContain('severity')
  })
})

describe('a refuted suspicion', () => {
  test('stops after one machine, writes nothing back, and makes the service ask first for a day', async () => {
    const world = await badRelease()
    world.target.behave('shop:1', { errorRatio: 0.6 })
    const loop = await incident(world, { incidents: () => Promise.resolve([]) })
    await loop.until(20 * minute)
    expect(world.target.applied).toHaveLength(1)
    expect(loop.of('mitigation.finished')).toMatchObject([{ outcome: 'refuted' }])
    expect(loop.service.approveUntil).toBeGreaterThan(world.clock.now() + 23 * hour)
    expect(loop.service.quarantined).toEqual([])
  })

  test('a service that asks first is not acted on, even at P0', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    loop.tellService({
      type: 'mitigation.finished',
      data: { service: 'shop', action: 'rollback/v2', outcome: 'refuted', why: '' },
    })
    await loop.until(20 * minute)
    expect(writes(world.target)).toEqual([])
    expect(loop.of('approval.requested')).toHaveLength(1)
  })
})

describe('scenario 12: the bad image again', () => {
  test('is refused by quarantine and budget, and asked about', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    await loop.until(10 * minute)
    loop.record({ type: 'incident.resolved', data: { service: 'shop', by: 'responder', why: '' } })
    await loop.until(8 * minute)
    world.target.ship({ image: 'shop:5', digest: I3 })
    world.target.behave('shop:5', { errorRatio: 0.6 })
    await world.clock.advance(minute)
    loop.record(...reopened(world.clock, world.clock.now()))
    const before = world.target.applied.length
    await loop.until(10 * minute)
    expect(world.target.applied).toHaveLength(before)
    expect(guards(loop)).toEqual(expect.arrayContaining(['budget', 'quarantine']))
    expect(loop.of('approval.requested')).toHaveLength(1)
  })
})

test('the bad image again when the budget allows it: automation does not fight those who ship it', async () => {
  const world = await badRelease()
  const loop = await incident(world)
  loop.tellService({
    type: 'release.quarantined',
    data: { service: 'shop', version: 2, image: 'shop:other', digest: I3, reason: 'left' },
  })
  await loop.until(10 * minute)
  expect(writes(world.target)).toEqual([])
  expect(guards(loop)).toEqual(['quarantine'])
  expect(loop.of('approval.requested')).toHaveLength(1)
})

describe('verified, and then', () => {
  test('a rollback that did not mend it is regressed, and nothing more is tried', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    while (loop.incident.units.size < 3) await loop.until(second)
    world.target.behave('shop:1', { errorRatio: 0.4 })
    await loop.until(20 * minute)
    expect(loop.of('mitigation.finished')).toMatchObject([{ outcome: 'regressed' }])
    expect(world.target.applied).toHaveLength(3)
    expect(loop.incident.status).toBe('open')
  })

  test('a level that is raised again after it was well is a regression, told once', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    await loop.until(5 * minute)
    expect(loop.incident.status).toBe('mitigated')
    for (const severity of ['P2', 'P0']) {
      loop.record({ type: 'incident.assessed', data: { service: 'shop', severity, reasons: [] } })
      await loop.until(10 * second)
    }
    await loop.until(5 * minute)
    expect(loop.of('mitigation.finished').map(({ outcome }) => outcome)).toEqual(['verified', 'regressed'])
    expect(loop.incident.status).toBe('open')
  })

  test('an incident that a person resolves in the middle does not leave a mixed service', async () => {
    const world = await badRelease()
    const loop = await incident(world)
    while (loop.incident.units.size < 1) await loop.until(second)
    expect(world.target.applied).toHaveLength(1)
    loop.record({ type: 'incident.resolved', data: { service: 'shop', by: 'mia', why: 'looks fine' } })
    await loop.until(10 * minute)
    expect(world.target.applied).toHaveLength(3)
  })
})

describe('scenario 21: blind', () => {
  test('nothing is written until three reads in a row succeed; then it is planned afresh', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'releases', kind: 'droppedBefore', times: 6 })
    const loop = await incident(world)
    await loop.until(minute)
    expect(guards(loop)).toEqual(['platform'])
    expect(loop.incident.suspicion).toMatchObject({ reads: 0, support: 'shop in memory does not answer' })
    expect(writes(world.target)).toEqual([])
    const blindUntil = world.clock.now()
    await loop.until(10 * minute)
    expect(loop.incident.status).toBe('mitigated')
    const reads = loop.events.filter(
      ({ type, data }) => type === 'release.suspected' && (data as { reads?: number }).reads === 0,
    )
    const lastBlind = Date.parse(reads.at(-1)!.at)
    expect(world.target.applied[0]!.at - lastBlind).toBeGreaterThanOrEqual(60 * second)
    expect(world.target.applied[0]!.at).toBeGreaterThan(blindUntil)
    expect(loop.incident.suspicion?.support, 'nothing to ask any more').toBeUndefined()
  })

  test('whoever is blind goes on looking, however long it takes', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'releases', kind: 'droppedBefore', times: 100 })
    const loop = await incident(world)
    await loop.until(30 * minute)
    const looks = world.target.calls.filter(({ call }) => call === 'releases').map(({ at }) => at)
    expect(looks.at(-1)).toBeGreaterThan(world.clock.now() - 31 * second)
    expect(writes(world.target)).toEqual([])
  })
})

test('a platform that is down for longer than a verdict is looked for: seen again, it is acted on', async () => {
  const world = await badRelease({}, { liveMs: 2 * minute })
  world.target.fault({ on: 'releases', kind: 'droppedBefore', times: 40 })
  const loop = await incident(world)
  await loop.until(18 * minute)
  expect(guards(loop)).toEqual(['platform'])
  await loop.until(10 * minute)
  expect(loop.incident.status).toBe('mitigated')
})

test('an incident of another service, one that does not exist, and P2 are left alone', async () => {
  const world = await badRelease()
  const { clock, target, onsetAt } = world
  const part = createMitigator({ target, health: target.health })
  const other = drive(part, clock, 'cart')
  other.record(...opened(clock, { onsetAt, service: 'cart' }))
  expect(other.planned()).toEqual([])
  expect(drive(part, clock).planned()).toEqual([])
  const calm = await incident(world, { severity: 'P2' })
  await calm.until(20 * minute)
  expect(target.calls).toEqual([])
})

test('an old release is not suspected, and it is on record once why not', async () => {
  const world = await badRelease({}, { liveMs: 5 * day })
  const loop = await incident(world)
  await loop.until(20 * minute)
  expect(writes(world.target)).toEqual([])
  expect(loop.of('guard.refused')).toHaveLength(1)
  expect(loop.of('guard.refused')[0]).toMatchObject({ guard: 'noSuspect', next: 'firebreak rollback -a shop' })
})
