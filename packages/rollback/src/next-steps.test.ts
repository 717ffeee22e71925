import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextSteps, type PlannedUnit, type RollbackState, type UnitProgress } from './index.ts'

const unit = (id: string, more: Partial<PlannedUnit> = {}): PlannedUnit => ({
  id,
  region: 'iad',
  group: 'app',
  state: 'started',
  checks: '1/1',
  image: 'shop:3',
  serving: true,
  staysStopped: false,
  judged: false,
  alreadyThere: false,
  ...more,
})
const four = [unit('a', { judged: true }), unit('b'), unit('c'), unit('d')]
const state = (progress: Record<string, UnitProgress>, more: Partial<RollbackState> = {}): RollbackState => ({
  plan: { units: four, batch: 2, floor: { app: 2 } },
  progress: new Map(Object.entries(progress)),
  onInconclusive: 'continue',
  ...more,
})
const done: UnitProgress = { outcome: 'updated', serving: true }
const ids = (steps: ReturnType<typeof nextSteps>) =>
  steps.kind === 'update' ? steps.units.map(({ id }) => id) : steps.kind

describe('one first, and judged', () => {
  test('only the first begins', () => expect(ids(nextSteps(state({}), 0))).toEqual(['a']))
  test('nothing else begins while it runs', () =>
    expect(ids(nextSteps(state({ a: { running: true } }), 0))).toBe('wait'))
  test('it is judged before any other', () =>
    expect(nextSteps(state({ a: done }), 0)).toMatchObject({ kind: 'judge', unit: 'a' }))
  test('better: the rest in batches', () =>
    expect(ids(nextSteps(state({ a: done }, { judgement: 'better' }), 0))).toEqual(['b', 'c']))
  test('as ill: it stops, refuted', () =>
    expect(nextSteps(state({ a: done }, { judgement: 'worse' }), 0)).toMatchObject({ kind: 'stop', status: 'refuted' }))
  test('inconclusive: a person goes on, automation stops', () => {
    expect(ids(nextSteps(state({ a: done }, { judgement: 'inconclusive' }), 0))).toEqual(['b', 'c'])
    expect(nextSteps(state({ a: done }, { judgement: 'inconclusive', onInconclusive: 'stop' }), 0)).toMatchObject({
      kind: 'stop',
      status: 'unverified',
    })
  })
})

describe('the rest', () => {
  const better = { judgement: 'better' as const }
  test('a batch is never exceeded', () =>
    expect(ids(nextSteps(state({ a: done, b: { running: true } }, better), 0))).toEqual(['c']))
  test('a failure stops it, once what runs has ended', () => {
    expect(ids(nextSteps(state({ a: done, b: { outcome: 'failed' }, c: { running: true } }, better), 0))).toBe('wait')
    expect(nextSteps(state({ a: done, b: { outcome: 'failed' }, c: done }, better), 0)).toMatchObject({
      kind: 'stop',
      status: 'partial',
    })
  })
  test('a reason to stop stops it', () =>
    expect(nextSteps(state({ a: done }, { ...better, stop: 'on hold' }), 0)).toMatchObject({
      kind: 'stop',
      status: 'aborted',
    }))
  test('the floor stops a serving one, and not one that is ill already', () => {
    const plan = { units: [four[0]!, unit('b'), unit('c', { serving: false })], batch: 2, floor: { app: 2 } }
    expect(ids(nextSteps({ ...state({ a: done }, better), plan }, 0))).toEqual(['c'])
  })
  test('each group has a floor of its own', () => {
    const plan = {
      units: [four[0]!, unit('b'), unit('w', { group: 'worker' })],
      batch: 2,
      floor: { app: 2, worker: 0 },
    }
    expect(ids(nextSteps({ ...state({ a: done }, better), plan }, 0))).toEqual(['w'])
  })
  test('a floor that can never be kept ends it instead of waiting for ever', () => {
    const plan = { units: [four[0]!, unit('b')], batch: 1, floor: { app: 2 } }
    expect(nextSteps({ ...state({ a: done }, better), plan }, 0)).toMatchObject({ kind: 'stop', status: 'partial' })
  })
  test('one that was told to wait has its time', () => {
    const steps = nextSteps(state({ a: done, b: { notBefore: 500 } }, better), 100)
    expect(steps).toMatchObject({ units: [{ id: 'b', notBefore: 500 }, { id: 'c' }] })
  })
  test('all done: verify', () =>
    expect(
      ids(nextSteps(state({ a: done, b: done, c: { outcome: 'alreadyThere' }, d: { outcome: 'skipped' } }, better), 0)),
    ).toBe('verify'))
})

/** Runs a whole rollback by `nextSteps`, units ending in any order and in any way; gives what was seen on the way. */
function runAll(units: PlannedUnit[], batch: number, floor: Record<string, number>, chance: () => number) {
  const progress = new Map<string, UnitProgress>()
  let judgement: RollbackState['judgement']
  const lowest = new Map<string, number>()
  const count = () => {
    for (const group of new Set(units.map((each) => each.group))) {
      const serving = units.filter(
        (each) =>
          each.group === group &&
          progress.get(each.id)?.running !== true &&
          (progress.get(each.id)?.serving ?? each.serving),
      ).length
      lowest.set(group, Math.min(lowest.get(group) ?? Infinity, serving))
    }
  }
  let most = 0
  for (let turn = 0; turn < 500; turn += 1) {
    const running = units.filter(({ id }) => progress.get(id)?.running === true)
    most = Math.max(most, running.length)
    const steps = nextSteps(
      {
        plan: { units, batch, floor },
        progress,
        onInconclusive: 'continue',
        ...(judgement === undefined ? {} : { judgement }),
      },
      0,
    )
    if (steps.kind === 'stop' || steps.kind === 'verify')
      return { ended: steps.kind, lowest, most, turns: turn, running: running.length }
    if (steps.kind === 'judge') judgement = chance() < 0.9 ? 'better' : 'worse'
    else if (steps.kind === 'update') for (const { id } of steps.units) progress.set(id, { running: true })
    count()
    if (steps.kind !== 'judge') {
      const begun = units.filter(({ id }) => progress.get(id)?.running === true)
      const ending = begun[Math.floor(chance() * begun.length)]
      if (ending !== undefined)
        progress.set(
          ending.id,
          chance() < 0.95
            ? { outcome: 'updated', serving: !ending.staysStopped }
            : { outcome: 'failed', serving: false },
        )
    }
  }
  return { ended: 'never', lowest, most, turns: 500, running: 0 }
}

test('whatever happens, it ends, never exceeds a batch, and never goes below a floor that held at the start', () => {
  const fleet = fc.array(
    fc.record({ serving: fc.boolean(), group: fc.constantFrom('app', 'worker'), stopped: fc.boolean() }),
    { minLength: 1, maxLength: 12 },
  )
  fc.assert(
    fc.property(
      fleet,
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      (described, batch, chances) => {
        const units = described.map(({ serving, group, stopped }, index) =>
          unit(`m${index}`, {
            serving: serving && !stopped,
            group,
            staysStopped: stopped,
            judged: index === 0 && !stopped,
          }),
        )
        const serving = (group: string) => units.filter((each) => each.group === group && each.serving).length
        const floor = { app: Math.max(0, serving('app') - 1), worker: Math.max(0, serving('worker') - 1) }
        const chance = () => chances.next().value as number
        const { ended, lowest, most, running } = runAll(units, batch, floor, chance)
        expect(ended).not.toBe('never')
        expect(running).toBe(0)
        expect(most).toBeLessThanOrEqual(batch)
        for (const group of ['app', 'worker'] as const) {
          const failures = serving(group) - (lowest.get(group) ?? serving(group))
          // A unit that failed is lost, and then it stops: at most one batch below.
          expect(failures).toBeLessThanOrEqual(batch)
        }
      },
    ),
    { numRuns: 200 },
  )
})
