import { createBus, InvalidInput } from '@firebreak/core'
import { describe, expect, test } from 'vitest'
import { badRelease, I1, I3, minute, second, shop } from './fixtures/shop.ts'
import {
  executeRollback,
  memoryJournal,
  planRollback,
  RollbackRefused,
  type ExecuteRollbackOptions,
  type RollbackProgress,
} from './index.ts'
import { memoryTarget } from './testing/index.ts'

type World = Awaited<ReturnType<typeof badRelease>>

function planned({ clock, target }: World, options: Partial<Parameters<typeof planRollback>[1]> = {}) {
  return clock.run(planRollback(target, { reason: 'P0', health: target.health, clock, ...options }))
}

/** Plans, then executes, and keeps what was told on the way. */
async function rolledBack(world: World, options: ExecuteRollbackOptions = {}) {
  const { clock, target } = world
  const plan = await planned(world)
  const bus = createBus()
  const told: string[] = []
  const progress: RollbackProgress[] = []
  bus.on('rollback.planned', () => told.push('planned'))
  bus.on('unit.updated', ({ unit, done, total, outcome }) => told.push(`${done}/${total} ${unit} ${outcome}`))
  bus.on('rollback.verified', () => told.push('verified'))
  bus.on('rollback.failed', ({ status }) => told.push(`failed: ${status}`))
  const outcome = await clock.run(
    executeRollback(plan, target, {
      health: target.health,
      clock,
      bus,
      onProgress: (step) => progress.push(step),
      ...options,
    }),
  )
  expect(clock.pending, 'no timer is left').toBe(0)
  return { plan, outcome, told, progress }
}

const running = (world: World) =>
  world.target.units({ signal: new AbortController().signal }).then((units) => units.map(({ digest }) => digest))

describe('the good way', () => {
  test('one machine first and judged, then the rest, verified by asking them; the release is recorded', async () => {
    const world = await badRelease()
    const { outcome, told } = await rolledBack(world)
    expect(outcome).toMatchObject({
      ok: true,
      status: 'verified',
      judgement: { judgement: 'better' },
      recorded: { version: 4, status: 'complete' },
    })
    expect(told).toEqual(['planned', '1/3 m1 updated', '2/3 m2 updated', '3/3 m3 updated', 'verified'])
    expect(world.target.calls.at(-1)?.call).toBe('unlock')
    expect(await running(world)).toEqual([I1, I1, I1])
  })

  test('a machine that is stopped gets the image last and stays stopped', async () => {
    const units = [{ id: 'a', state: 'stopped' as const }, { id: 'b' }, { id: 'c' }]
    const world = await badRelease({ units: units.map((unit) => ({ ...unit, image: 'shop:1', digest: I1 })) })
    const { outcome } = await rolledBack(world)
    expect(outcome.status).toBe('verified')
    expect(world.target.applied.map(({ unit }) => unit)).toEqual(['b', 'c', 'a'])
    const seen = await world.target.observe('a', { signal: new AbortController().signal })
    expect(seen).toMatchObject({ state: 'stopped', digest: I1 })
  })

  test('a machine that must be left alone is named and not touched', async () => {
    const units = [{ id: 'a', untouchable: 'host unreachable' }, { id: 'b' }]
    const world = await badRelease({ units: units.map((unit) => ({ ...unit, image: 'shop:1', digest: I1 })) })
    const { outcome } = await rolledBack(world)
    expect(outcome).toMatchObject({ status: 'verified', untouchable: [{ id: 'a', why: 'host unreachable' }] })
    expect(world.target.applied.map(({ unit }) => unit)).toEqual(['b'])
  })

  test('run again when all is done, it has nothing to do and changes nothing', async () => {
    const world = await badRelease()
    await rolledBack(world)
    const { outcome } = await rolledBack(world)
    expect(outcome).toMatchObject({ ok: true, status: 'nothingToDo', to: { version: 2 } })
    expect(world.target.applied).toHaveLength(3)
  })

  test('the lock is renewed for as long as the work takes, and every write carries it', async () => {
    const world = await badRelease({ lockMs: 10_000, settleMs: 20_000 })
    const { outcome } = await rolledBack(world)
    expect(outcome.status).toBe('verified')
    expect(world.target.calls.filter(({ call }) => call === 'renew').length).toBeGreaterThan(10)
  })

  test('batches are no larger than a third, and the floor holds at every moment', async () => {
    const units = Array.from({ length: 9 }, (_, index) => ({ id: `m${index}`, image: 'shop:1', digest: I1 }))
    const world = await badRelease({ units })
    const { outcome, plan } = await rolledBack(world)
    expect(outcome.status).toBe('verified')
    expect(plan.batch).toBe(2)
    const starts = world.target.applied.map(({ at }) => at)
    const concurrent = starts.map((at) => starts.filter((other) => other === at).length)
    expect(Math.max(...concurrent)).toBe(2)
    expect(concurrent[0]).toBe(1)
  })
})

describe('the judge', () => {
  test('a first machine that is as ill on the other image refutes: it stops there and writes nothing back', async () => {
    const world = await badRelease({}, { ratio: 0.6 })
    world.target.behave('shop:1', { errorRatio: 0.6 })
    const { outcome, told } = await rolledBack(world)
    expect(outcome).toMatchObject({ ok: false, status: 'refuted', recorded: { status: 'failed' } })
    expect(told).toEqual(['planned', '1/3 m1 updated', 'failed: refuted'])
    expect(await running(world)).toEqual([I1, I3, I3])
  })

  test('a first machine whose checks fail on the other image refutes', async () => {
    const world = await badRelease()
    world.target.behave('shop:1', { checks: false })
    const { outcome } = await rolledBack(world, { health: undefined })
    expect(outcome).toMatchObject({ status: 'refuted' })
    expect(world.target.applied).toHaveLength(1)
  })

  test('without anything measured it goes on for a person, and says unverified', async () => {
    const world = await badRelease()
    const { outcome } = await rolledBack(world, { health: undefined })
    expect(outcome).toMatchObject({ ok: false, status: 'unverified', judgement: { judgement: 'inconclusive' } })
    expect(await running(world)).toEqual([I1, I1, I1])
  })

  test('with onInconclusive stop it ends after the first machine', async () => {
    const world = await badRelease()
    const { outcome } = await rolledBack(world, { health: undefined, onInconclusive: 'stop' })
    expect(outcome).toMatchObject({ ok: false, status: 'unverified' })
    expect(world.target.applied).toHaveLength(1)
  })

  test('no traffic is not "no errors": unverified', async () => {
    const world = await badRelease({ requestsPerSecond: 0 })
    const { outcome } = await rolledBack(world)
    expect(outcome).toMatchObject({ ok: false, status: 'unverified' })
  })

  test('own probes stand in for requests', async () => {
    const world = await badRelease({ requestsPerSecond: 0 })
    let asked = 0
    const { outcome } = await rolledBack(world, {
      probe: (unit) => Promise.resolve((asked += 1) > 0 && unit.digest === I1),
    })
    expect(asked).toBe(10)
    expect(outcome.judgement).toMatchObject({ judgement: 'better' })
  })

  test('a first machine that is put to rest for want of traffic proves nothing', async () => {
    const world = await badRelease({ requestsPerSecond: 0 })
    const { outcome } = await rolledBack(world, {
      onProgress: (step) => {
        if (step.step === 'updated' && step.unit === 'm1') world.target.change('m1', { state: 'stopped' })
      },
    })
    expect(outcome).toMatchObject({ status: 'unverified', judgement: { judgement: 'inconclusive' } })
    expect(world.target.applied).toHaveLength(3)
  })

  test('a source that cannot tell machines apart may speak for it, never against it', async () => {
    const world = await badRelease({ healthPerUnit: false })
    const { outcome } = await rolledBack(world)
    expect(outcome.status).toBe('verified')
    expect(outcome.judgement?.judgement).not.toBe('worse')
  })
})

describe('verification', () => {
  test('every machine runs it and users are still ill: regressed, not a success', async () => {
    const world = await badRelease()
    const { outcome, told } = await rolledBack(world, {
      onProgress: (step) => {
        if (step.step === 'updated' && step.unit === 'm3') world.target.behave('shop:1', { errorRatio: 0.4 })
      },
    })
    expect(outcome).toMatchObject({ ok: false, status: 'regressed', recorded: { status: 'complete' } })
    expect(told.at(-1)).toBe('failed: regressed')
  })

  test('a machine that somebody changes before the verification makes it partial, however well users are', async () => {
    const world = await badRelease()
    const { outcome } = await rolledBack(world, {
      onProgress: (step) => {
        if (step.step === 'updated' && step.unit === 'm3')
          world.target.change('m2', { image: 'shop:9', digest: 'sha256:9' })
      },
    })
    expect(outcome).toMatchObject({ ok: false, status: 'partial' })
    expect(outcome.why).toMatch(/m2 runs shop:9/)
  })

  test('the bake time catches what comes back', async () => {
    const world = await badRelease()
    const { outcome } = await rolledBack(world, {
      bakeMs: 10 * minute,
      onProgress: ({ step }) => {
        if (step === 'baking') world.target.behave('shop:1', { errorRatio: 0.4 })
      },
    })
    expect(outcome).toMatchObject({ ok: false, status: 'regressed' })
    expect(outcome.why).toMatch(/well at first/)
  })

  test('a machine that somebody changes during the bake makes it partial', async () => {
    const world = await badRelease()
    const { outcome } = await rolledBack(world, {
      bakeMs: minute,
      onProgress: ({ step }) => {
        if (step === 'baking') world.target.change('m2', { image: 'shop:9', digest: 'sha256:9' })
      },
    })
    expect(outcome).toMatchObject({ ok: false, status: 'partial' })
  })
})

describe('what platforms do', () => {
  test('a silent revert is seen, tried again once, and is then a failure, never a success', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'update', unit: 'm2', kind: 'reverted', times: 2 })
    const { outcome, told } = await rolledBack(world)
    expect(outcome).toMatchObject({ ok: false, status: 'partial' })
    expect(outcome.units.map(({ id, outcome: how, digest }) => [id, how, digest])).toEqual([
      ['m1', 'updated', I1],
      ['m2', 'failed', I3],
      ['m3', 'untouched', I3],
    ])
    expect(told).toEqual([
      'planned',
      '1/3 m1 updated',
      '1/3 m2 reverted',
      '1/3 m2 reverted',
      '2/3 m2 failed',
      'failed: partial',
    ])
    expect(world.target.calls.filter(({ call, unit }) => call === 'update' && unit === 'm2')).toHaveLength(2)
  })

  test('one silent revert is mended by the second try', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'update', unit: 'm2', kind: 'reverted' })
    expect((await rolledBack(world)).outcome.status).toBe('verified')
  })

  test('being told to wait is obeyed: no write to that machine before, and the wait is told', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'update', unit: 'm2', kind: 'throttled', retryAfterMs: 20 * second, times: 2 })
    const { outcome, progress } = await rolledBack(world)
    expect(outcome.status).toBe('verified')
    const writes = world.target.calls.filter(({ call, unit }) => call === 'update' && unit === 'm2').map(({ at }) => at)
    expect(writes).toHaveLength(3)
    expect(writes[1]! - writes[0]!).toBeGreaterThanOrEqual(20 * second)
    expect(writes[2]! - writes[1]!).toBeGreaterThanOrEqual(20 * second)
    expect(progress.filter(({ step }) => step === 'waiting')).toMatchObject([
      { unit: 'm2', milliseconds: 20 * second },
      { unit: 'm2', milliseconds: 20 * second },
    ])
  })

  test('an answer that is lost after the effect is not sent again', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'update', unit: 'm2', kind: 'droppedAfter' })
    const { outcome } = await rolledBack(world)
    expect(outcome.status).toBe('verified')
    expect(world.target.calls.filter(({ call, unit }) => call === 'update' && unit === 'm2')).toHaveLength(1)
  })

  test('a connection that breaks before the effect is tried again', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'update', unit: 'm2', kind: 'droppedBefore' })
    expect((await rolledBack(world)).outcome.status).toBe('verified')
  })

  test('a lost race is looked at again, not overwritten', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'update', unit: 'm2', kind: 'raced' })
    expect((await rolledBack(world)).outcome.status).toBe('verified')
    const other = await badRelease()
    const { outcome } = await rolledBack(other, {
      onProgress: (step) => {
        if (step.step === 'judged') other.target.change('m2', { image: 'shop:9', digest: 'sha256:9' })
      },
    })
    expect(outcome).toMatchObject({ status: 'partial' })
    expect(outcome.units[1]).toMatchObject({ outcome: 'failed', image: 'shop:9' })
    expect(outcome.why).toMatch(/somebody else/)
  })

  test('a machine that comes up broken stops it', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'update', unit: 'm2', kind: 'broken' })
    const { outcome } = await rolledBack(world)
    expect(outcome).toMatchObject({ status: 'partial', recorded: { status: 'failed' } })
    expect(outcome.units[2]).toMatchObject({ outcome: 'untouched' })
  })

  test('a machine that never settles fails in its time, and the rest is left', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'settle', unit: 'm2', kind: 'hangs', times: 9 })
    const { outcome } = await rolledBack(world, { unitMs: minute })
    expect(outcome).toMatchObject({ status: 'partial' })
    expect(outcome.units[1]).toMatchObject({ outcome: 'failed' })
  })

  test('a platform that cannot record the release does not stop the rescue; the note says what follows', async () => {
    const world = await badRelease()
    world.target.fault({ on: 'recordRelease', kind: 'droppedBefore', times: 9 })
    const { outcome } = await rolledBack(world)
    expect(outcome.status).toBe('verified')
    expect(outcome.notes.join(' ')).toMatch(/next deploy/)
  })

  test('a target without lock and records is rolled back all the same', async () => {
    const world = await badRelease()
    const { lock: _lock, renew: _renew, unlock: _unlock, recordRelease: _record, ...bare } = world.target
    const { clock } = world
    const plan = await clock.run(planRollback(bare, { reason: 'P0', health: world.target.health, clock }))
    const outcome = await clock.run(executeRollback(plan, bare, { health: world.target.health, clock }))
    expect(outcome.status).toBe('verified')
    const again = await clock.run(planRollback(bare, { reason: 'P0', health: world.target.health, clock }))
    expect(again.nothingToDo).toBe(true)
  })
})

describe('stopping', () => {
  test('a hold is read before every machine: what is done stays, the rest is left', async () => {
    const world = await badRelease()
    let held = false
    const { outcome } = await rolledBack(world, {
      hold: () => held,
      onProgress: (step) => {
        if (step.step === 'updated' && step.unit === 'm2') held = true
      },
    })
    expect(outcome).toMatchObject({ ok: false, status: 'aborted' })
    expect(await running(world)).toEqual([I1, I1, I3])
  })

  test('an abort ends it at once, gives the lock back, and says what is done; run again it goes on', async () => {
    const world = await badRelease()
    const { clock, target } = world
    const stop = new AbortController()
    const journal = memoryJournal()
    const plan = await planned(world)
    const first = await clock.run(
      executeRollback(plan, target, {
        health: target.health,
        clock,
        journal,
        signal: stop.signal,
        onProgress: (step) => {
          if (step.step === 'updating' && step.unit === 'm2') stop.abort()
        },
      }),
    )
    expect(first).toMatchObject({ ok: false, status: 'aborted', recorded: { status: 'failed' } })
    expect(target.calls.filter(({ call }) => call === 'unlock')).toHaveLength(1)
    expect(clock.pending).toBe(0)
    const { outcome } = await rolledBack(world, { journal })
    expect(outcome.status).toBe('verified')
    expect(target.applied.map(({ unit }) => unit)).toEqual(['m1', 'm2', 'm3'])
  })

  test('a lock that ran out because it could not be renewed stops it before the next write', async () => {
    const world = await badRelease({ lockMs: 9_000, requestsPerSecond: 0 })
    world.target.fault({ on: 'renew', kind: 'droppedBefore', times: 99 })
    const { outcome } = await rolledBack(world)
    expect(outcome).toMatchObject({ ok: false, status: 'aborted' })
    expect(outcome.why).toMatch(/the lock was lost: it expired/)
    expect(world.target.applied).toHaveLength(1)
  })

  test('a lock that is lost stops it before the next write', async () => {
    const world = await badRelease()
    const { outcome } = await rolledBack(world, {
      onProgress: (step) => {
        if (step.step === 'judged') world.target.lockBy('ci', minute)
      },
    })
    expect(outcome.ok).toBe(false)
    expect(world.target.applied).toHaveLength(1)
  })
})

describe('refusals change nothing', () => {
  test("somebody else's lock is waited for, never taken, and its holder is named", async () => {
    const world = await badRelease()
    const plan = await planned(world)
    world.target.lockBy('ci', 10 * minute)
    const refusal = await world.clock.run(
      executeRollback(plan, world.target, { clock: world.clock }).catch((error: unknown) => error),
    )
    expect(refusal).toBeInstanceOf(RollbackRefused)
    expect(refusal).toMatchObject({ code: 'LOCKED' })
    expect((refusal as Error).message).toMatch(/ci/)
    expect(world.target.applied).toEqual([])
    const waited = await badRelease()
    const soon = await planned(waited)
    waited.target.lockBy('ci', 20 * second)
    const outcome = await waited.clock.run(
      executeRollback(soon, waited.target, { clock: waited.clock, health: waited.target.health }),
    )
    expect(outcome.status).toBe('verified')
  })

  test('a guard that says no refuses before anything is journalled', async () => {
    const world = await badRelease()
    world.target.lockBy('ci', 10 * minute)
    const plan = await planned(world)
    const journal = memoryJournal()
    const refusal = executeRollback(plan, world.target, { clock: world.clock, journal })
    await expect(refusal).rejects.toMatchObject({ code: 'GUARD_REFUSED', guards: [{ guard: 'lease' }] })
    expect(journal.entries).toEqual([])
  })

  test('a world that is no longer the plan is refused: another machine, another plan', async () => {
    const world = await badRelease()
    const plan = await planned(world)
    world.target.change('m3', { state: 'gone' })
    const refusal = world.clock.run(executeRollback(plan, world.target, { clock: world.clock }))
    await expect(refusal).rejects.toMatchObject({ code: 'PLAN_CHANGED' })
    expect(world.target.applied).toEqual([])
  })

  test('a plan for another service, or changed by hand, is no plan', async () => {
    const world = await badRelease()
    const plan = await planned(world)
    const other = memoryTarget({ service: 'cart', clock: world.clock })
    await expect(executeRollback(plan, other)).rejects.toBeInstanceOf(InvalidInput)
    await expect(executeRollback({ ...plan, digest: 'f'.repeat(64) }, world.target)).rejects.toBeInstanceOf(
      InvalidInput,
    )
  })

  test.each([
    ['bakeMs', { bakeMs: Number.NaN }],
    ['unitMs', { unitMs: -1 }],
    ['lockWaitMs', { lockWaitMs: Infinity }],
    ['judge.judgeMs', { judge: { judgeMs: Number.NaN } }],
  ])('%s that cannot be meant is refused and named', async (field, options) => {
    const world = await badRelease()
    const plan = await planned(world)
    const error = await executeRollback(plan, world.target, options).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'INVALID_INPUT', field })
  })

  test('an aborted signal is refused at once', async () => {
    const world = await badRelease()
    const plan = await planned(world)
    const before = world.target.calls.length
    await expect(executeRollback(plan, world.target, { signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow(
      'no',
    )
    expect(world.target.calls).toHaveLength(before)
  })
})

test('a healthy service that already runs the last good image has nothing to do', async () => {
  const { clock, target } = shop()
  target.ship({ image: 'shop:3', digest: I3, status: 'failed' }, { units: [] })
  const plan = await clock.run(planRollback(target, { reason: 'deploy failed', health: target.health, clock }))
  expect(plan).toMatchObject({ nothingToDo: true, from: { version: 3 }, to: { version: 2 } })
})
