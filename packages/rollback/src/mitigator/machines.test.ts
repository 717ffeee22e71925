import { describe, expect, test } from 'vitest'
import { drive, opened, type Drive } from '../fixtures/drive.ts'
import { hour, minute, second, shop } from '../fixtures/shop.ts'
import { createMitigator, standardAutomation, type MitigatorOptions } from '../index.ts'
import type { MemoryTarget, MemoryTargetOptions } from '../testing/index.ts'

const writes = ({ calls }: MemoryTarget) =>
  calls
    .filter(({ call }) => ['update', 'restart', 'isolate', 'rejoin', 'scale'].includes(call))
    .map(({ call, unit }) => `${call} ${unit ?? ''}`.trim())

/** No release for two days; then something happens to machines. */
async function trouble(
  begin: (target: MemoryTarget) => void,
  {
    severity = 'P1',
    sinceMs = minute,
    ...options
  }: Partial<MitigatorOptions> & { severity?: string; sinceMs?: number } = {},
  world: MemoryTargetOptions = {},
) {
  const { clock, target } = shop(world)
  await clock.advance(minute)
  const onsetAt = clock.now()
  begin(target)
  await clock.advance(sinceMs)
  const loop = drive(createMitigator({ target, health: target.health, ...options }), clock)
  loop.record(...opened(clock, { onsetAt, severity }))
  return { clock, target, onsetAt, loop }
}

const crash = (unit: string, oom: boolean, turn = 0) => ({
  type: 'signal.observed',
  data: {
    id: `crash-${unit}-${turn}`,
    key: `crash-${unit}`,
    source: 'fly-events',
    measured: true,
    service: 'shop',
    status: 'firing',
    at: new Date(Date.parse('2026-11-23T02:02:00.000Z') + turn * 90_000).toISOString(),
    summary: '',
    links: [],
    labels: { machine: unit },
    symptoms: [{ kind: 'crash', oom, count: 3, windowMs: 600_000 }],
  },
})
const finished = (loop: Drive) =>
  loop.of('mitigation.finished').map(({ action, outcome }) => `${String(action)} ${String(outcome)}`)

describe('scenario 14: one machine fails every request, its check passes', () => {
  test('it is taken out of the pool in time, the others are left alone, and it is put back later', async () => {
    const { clock, target, loop, onsetAt } = await trouble((shopTarget) =>
      shopTarget.behaveUnit('m2', { errorRatio: 1 }),
    )
    await loop.until(9 * minute)
    expect(writes(target)).toEqual(['isolate m2'])
    const isolated = target.calls.find(({ call }) => call === 'isolate')!
    expect(isolated.at - onsetAt).toBeLessThanOrEqual(240 * second)
    expect(isolated.at - onsetAt).toBeGreaterThanOrEqual(180 * second)
    expect(finished(loop)).toEqual(['isolate/m2/1 verified'])
    expect(loop.incident.status).toBe('mitigated')
    expect(loop.of('guard.refused'), 'nobody is told that nothing can be done').toEqual([])
    loop.record({ type: 'incident.resolved', data: { service: 'shop', by: 'responder', why: '' } })
    const rejoin = loop.planned().find(({ key }) => key === 'rejoin/m2/1')
    expect(rejoin?.notBefore).toBeGreaterThan(clock.now())
    await loop.until(40 * minute)
    expect(writes(target)).toEqual(['isolate m2', 'rejoin m2'])
  })

  test('the last machine of its region is left in the pool', async () => {
    const { target, loop } = await trouble((shopTarget) => shopTarget.behaveUnit('m3', { errorRatio: 1 }))
    await loop.until(20 * minute)
    expect(writes(target)).toEqual([])
    expect(loop.of('guard.refused')).toMatchObject([{ guard: 'noSuspect' }])
  })

  test('two of five are too many: nobody even tries', async () => {
    const units = ['m1', 'm2', 'm3', 'm4', 'm5'].map((id) => ({ id, image: 'shop:1' }))
    const { target, loop } = await trouble(
      (shopTarget) => {
        shopTarget.behaveUnit('m1', { errorRatio: 1 })
        shopTarget.behaveUnit('m2', { errorRatio: 1 })
      },
      {},
      { units },
    )
    await loop.until(20 * minute)
    expect(writes(target)).toEqual([])
    expect([...loop.incident.actions.keys()].filter((key) => key.startsWith('isolate/'))).toEqual([])
  })

  test('at P0 too, the others must have been well for two minutes', async () => {
    const { clock, target, loop } = await trouble((each) => each.behaveUnit('m2', { errorRatio: 1 }), {
      severity: 'P0',
    })
    const firstSeen = clock.now()
    await loop.until(10 * minute)
    const isolated = target.calls.find(({ call }) => call === 'isolate')!
    expect(isolated.at - firstSeen).toBeGreaterThanOrEqual(2 * minute)
  })

  test('two minutes are counted anew where nobody looked meanwhile', async () => {
    const { clock, target, loop } = await trouble((each) => each.behaveUnit('m2', { errorRatio: 1 }), {
      automation: { ...standardAutomation, suspectForMs: minute },
    })
    await loop.until(100 * second)
    expect(loop.incident.suspicion?.illness?.ill).toHaveLength(1)
    await loop.until(10 * minute)
    expect(writes(target)).toEqual([])
    loop.record(
      { type: 'incident.assessed', data: { service: 'shop', severity: 'P2', reasons: [] } },
      { type: 'incident.assessed', data: { service: 'shop', severity: 'P0', reasons: [] } },
    )
    const firstSeen = clock.now()
    await loop.until(10 * minute)
    const isolated = target.calls.find(({ call }) => call === 'isolate')
    expect((isolated?.at ?? Infinity) - firstSeen).toBeGreaterThanOrEqual(2 * minute)
  })

  test.each(['evidence.captured', 'impact.estimated'])('not before %s', async (missing) => {
    const { clock, target } = shop()
    await clock.advance(minute)
    const onsetAt = clock.now()
    target.behaveUnit('m2', { errorRatio: 1, checks: false })
    await clock.advance(minute)
    const loop = drive(createMitigator({ target, health: target.health }), clock)
    loop.record(...opened(clock, { onsetAt, severity: 'P0' }).filter(({ type }) => type !== missing))
    await loop.until(10 * minute)
    expect(writes(target)).toEqual([])
  })

  test('at most a third is ever out of the pool, those counted that are out already', async () => {
    const units = Array.from({ length: 9 }, (_, index) => ({ id: `m${index}`, image: 'shop:1' }))
    const { target, loop } = await trouble(
      (each) => each.behaveUnit('m0', { errorRatio: 1 }),
      { automation: { ...standardAutomation, suspectForMs: 4 * hour, isolateForMs: 4 * hour } },
      { units, requestsPerSecond: 90 },
    )
    for (let index = 0; index < 6; index += 1) {
      target.behaveUnit(`m${index}`, { errorRatio: 1 })
      await loop.until(8 * minute)
      loop.record({
        type: 'mitigation.finished',
        data: { service: 'shop', action: 'x', outcome: 'regressed', why: '' },
      })
    }
    const out = (await target.units({ signal: new AbortController().signal })).filter(({ cordoned }) => cordoned)
    expect(out).toHaveLength(3)
  })

  test('one that became well meanwhile is left in the pool', async () => {
    const { target, loop } = await trouble((shopTarget) => shopTarget.behaveUnit('m2', { errorRatio: 1 }))
    await loop.until(90 * second)
    target.behaveUnit('m2', undefined)
    await loop.until(20 * minute)
    expect(writes(target)).toEqual([])
  })

  test('what did not help is put back at once, and is no mitigation', async () => {
    const { clock, target } = shop()
    await clock.advance(minute)
    const onsetAt = clock.now()
    target.behaveUnit('m2', { errorRatio: 1 })
    await clock.advance(minute)
    const spreading: MemoryTarget = {
      ...target,
      isolate: async (unit, context) => {
        target.behave('shop:1', { errorRatio: 0.5 })
        return target.isolate(unit, context)
      },
    }
    const loop = drive(createMitigator({ target: spreading, health: target.health }), clock)
    loop.record(...opened(clock, { onsetAt, severity: 'P1' }))
    await loop.until(8 * minute)
    expect(writes(target)).toEqual(['isolate m2', 'rejoin m2'])
    expect(finished(loop)).toEqual(['isolate/m2/1 failed'])
    expect(loop.incident.status).toBe('open')
    expect(loop.of('guard.refused')).toMatchObject([{ guard: 'noSuspect' }])
  })

  test('a hold stops it; a dependency that fails or a platform incident is another cause', async () => {
    const held = await trouble((target) => target.behaveUnit('m2', { errorRatio: 1 }))
    held.loop.tellService({ type: 'hold.placed', data: { hold: 'h', reason: 'freeze', by: 'mia' } })
    await held.loop.until(20 * minute)
    expect(writes(held.target)).toEqual([])
    const down = await trouble((target) => target.behaveUnit('m2', { errorRatio: 1 }))
    down.target.platformSays('iad: hosts unreachable')
    await down.loop.until(20 * minute)
    expect(writes(down.target)).toEqual([])
  })

  test('in approve or shadow mode nothing is isolated', async () => {
    const { target, loop } = await trouble((each) => each.behaveUnit('m2', { errorRatio: 1 }), {
      automation: { ...standardAutomation, mode: 'shadow' },
    })
    await loop.until(20 * minute)
    expect(writes(target)).toEqual([])
  })
})

describe('a machine that hangs or crashed', () => {
  test('is restarted, once in half an hour, and its recovery is verified by what users get', async () => {
    const { target, loop, onsetAt } = await trouble((each) => each.behaveUnit('m2', { errorRatio: 1, checks: false }))
    await loop.until(10 * minute)
    expect(writes(target)).toEqual(['restart m2'])
    const restarted = target.calls.find(({ call }) => call === 'restart')!
    expect(restarted.at - onsetAt, 'measured for 180 s at P1').toBeGreaterThanOrEqual(180 * second)
    expect(finished(loop)).toEqual(['restart/m2/1 verified'])
    expect(loop.incident.status).toBe('mitigated')
    expect(loop.service.charges).toMatchObject([{ action: 'restart/m2/1' }])
  })

  test('one that is well again when its turn comes is left alone, and may be restarted when it hangs again', async () => {
    const { clock, target } = shop()
    await clock.advance(minute)
    const onsetAt = clock.now()
    const hang = () => target.behaveUnit('m2', { errorRatio: 1, checks: false })
    hang()
    await clock.advance(minute)
    let mends = true
    const mending: MemoryTarget = {
      ...target,
      observe: async (unit, context) => {
        if (mends) target.behaveUnit('m2', undefined)
        return target.observe(unit, context)
      },
    }
    const loop = drive(createMitigator({ target: mending, health: target.health }), clock)
    loop.record(...opened(clock, { onsetAt, severity: 'P1' }))
    await loop.until(6 * minute)
    expect(loop.incident.actions.has('restart/m2/1')).toBe(true)
    expect(writes(target)).toEqual([])
    expect(finished(loop).filter((each) => each.startsWith('restart'))).toEqual([])
    mends = false
    hang()
    await loop.until(5 * minute)
    expect(writes(target)).toEqual(['restart m2'])
  })

  test('restarted half an hour ago in another incident, it is not restarted again', async () => {
    const { target, loop } = await trouble((each) => each.behaveUnit('m2', { errorRatio: 1, checks: false }))
    loop.tellService({
      type: 'ledger.charged',
      data: { service: 'shop', action: 'restart/m2/1', key: 'x', incident: 'incident/shop/0' },
    })
    await loop.until(10 * minute)
    expect(writes(target)).toEqual([])
  })

  test('a performer that dies after the restart was sent: the next one looks, and it is not restarted twice', async () => {
    const { target, loop } = await trouble((each) => each.behaveUnit('m2', { errorRatio: 1, checks: false }))
    loop.loseOutcomeOf('restart/m2/1')
    await loop.until(10 * minute)
    expect(writes(target)).toEqual(['restart m2'])
    expect(loop.incident.status).toBe('mitigated')
  })
})

describe('scenario 16: all machines run out of memory again and again', () => {
  const everyoneCrashes = (target: MemoryTarget) => {
    for (const unit of ['m1', 'm2', 'm3']) target.change(unit, { state: 'failed' })
  }

  /** Every 90 s, whatever is done; our own probe goes on seeing it. */
  async function crashing(loop: Drive, target: MemoryTarget, turns = 12) {
    for (let turn = 1; turn <= turns; turn += 1) {
      await loop.until(90 * second)
      everyoneCrashes(target)
      loop.record(...['m1', 'm2', 'm3'].map((unit) => crash(unit, true, turn)))
    }
    await loop.until(30 * second)
  }

  test('each is restarted at most once, then it stops and proposes memory', async () => {
    const { target, loop } = await trouble(everyoneCrashes, { severity: 'P0' })
    loop.record(crash('m1', true), crash('m2', true), crash('m3', true))
    await crashing(loop, target, 6)
    expect(finished(loop), 'a restart is no cure').toEqual([1, 2, 3].map((unit) => `restart/m${unit}/1 unverified`))
    expect(loop.incident.status).toBe('open')
    expect(writes(target).toSorted()).toEqual(['restart m1', 'restart m2', 'restart m3'])
    expect(loop.of('approval.requested')).toMatchObject([{ action: 'scale/memory', plan: { memoryFactor: 2 } }])
    const [asked] = loop.of('approval.requested')
    loop.record({
      type: 'approval.granted',
      data: { service: 'shop', approval: asked!['approval'], digest: asked!['digest'], by: 'mia' },
    })
    await loop.until(minute)
    expect(writes(target).filter((write) => write === 'scale')).toHaveLength(1)
  })

  test('those that were given up on stay stopped: one that is well again is no mitigation, and the next ones follow', async () => {
    const { target, loop } = await trouble((shopTarget) => {
      for (const unit of ['m1', 'm2', 'm3']) shopTarget.change(unit, { state: 'stopped' })
    })
    loop.record(crash('m1', false), crash('m2', false), crash('m3', false))
    await loop.until(14 * minute)
    expect(writes(target)).toEqual(['restart m1', 'restart m2', 'restart m3'])
    expect(finished(loop)).toEqual(['restart/m1/1 partial', 'restart/m2/1 partial', 'restart/m3/1 verified'])
  })

  test('after a remedy the world is looked at for as long as after a raise', async () => {
    const { clock, target, loop } = await trouble((shopTarget) => shopTarget.change('m1', { state: 'stopped' }))
    loop.record(crash('m1', false))
    await loop.until(10 * minute)
    expect(finished(loop)).toEqual(['restart/m1/1 verified'])
    await loop.until(10 * minute)
    target.change('m2', { state: 'stopped' })
    loop.record(crash('m2', false, Math.round(clock.now() / 90_000)), {
      type: 'mitigation.finished',
      data: { service: 'shop', action: 'restart/m1/1', outcome: 'regressed', why: '' },
    })
    await loop.until(5 * minute)
    expect(writes(target)).toEqual(['restart m1', 'restart m2'])
  })

  /** They have crashed until memory was proposed, and a person says yes. */
  async function granted() {
    const automation = { ...standardAutomation, approvalMs: 10 * minute, restartEveryMs: 2 * hour }
    const { clock, target, loop } = await trouble(everyoneCrashes, { severity: 'P0', automation })
    loop.record(crash('m1', true), crash('m2', true), crash('m3', true))
    await crashing(loop, target, 6)
    const [asked] = loop.of('approval.requested')
    const { approval, digest, expiresAt } = asked as { approval: string; digest: string; expiresAt: string }
    const grant = () =>
      loop.record({ type: 'approval.granted', data: { service: 'shop', approval, digest, by: 'mia' } })
    const scaled = () => writes(target).filter((write) => write === 'scale').length
    return { clock, loop, grant, approval, expiresAt: Date.parse(expiresAt), scaled }
  }

  test('an approval that a hold outlasted is for a world that is gone', async () => {
    const { clock, loop, grant, expiresAt, scaled } = await granted()
    loop.tellService({ type: 'hold.placed', data: { hold: 'h', reason: 'let me look', by: 'mia' } })
    grant()
    await loop.until(expiresAt + 10 * minute - clock.now())
    loop.tellService({ type: 'hold.released', data: { hold: 'h', by: 'mia' } })
    await loop.until(10 * minute)
    expect(scaled()).toBe(0)
  })

  test('a performer that dies after it: memory is not doubled twice, and a person is told', async () => {
    const { loop, grant, approval, scaled } = await granted()
    grant()
    loop.loseOutcomeOf(`scale/memory/${approval}`)
    await loop.until(5 * minute)
    expect(scaled()).toBe(1)
    expect(loop.of('mitigation.finished').at(-1)).toMatchObject({ action: 'scale/memory', outcome: 'unverified' })
  })

  test('a target that cannot be scaled from here says what a person may do', async () => {
    const { clock, target } = shop()
    const { scale: _scale, ...bare } = target
    await clock.advance(minute)
    const onsetAt = clock.now()
    everyoneCrashes(target)
    await clock.advance(minute)
    const loop = drive(createMitigator({ target: bare, health: target.health }), clock)
    loop.record(...opened(clock, { onsetAt }), crash('m1', true))
    await crashing(loop, target)
    expect(loop.of('guard.refused').find(({ action }) => action === 'scale/memory')).toMatchObject({
      next: expect.stringContaining('fly scale memory') as string,
    })
  })
})

test('restarts and isolations never begin while the release is suspected', async () => {
  const { clock, target } = shop()
  target.ship({ image: 'shop:3', digest: `sha256:${'b'.repeat(64)}` })
  await clock.advance(minute)
  const onsetAt = clock.now()
  target.behave('shop:3', { checks: false, errorRatio: 1 })
  await clock.advance(minute)
  const loop = drive(createMitigator({ target, health: target.health }), clock)
  loop.record(...opened(clock, { onsetAt, severity: 'P0' }))
  await loop.until(10 * minute)
  expect(writes(target)).toEqual(['update m1', 'update m2', 'update m3'])
  expect(loop.incident.status).toBe('mitigated')
})
