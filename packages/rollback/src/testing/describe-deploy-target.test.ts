import { describe, expect, test } from 'vitest'
import { createTestClock } from '@firebreak/core/testing'
import { day, I1, I3 } from '../fixtures/shop.ts'
import { describeDeployTarget, memoryTarget, type DeployTargetSubject, type MemoryTarget } from './index.ts'

const traits = {
  lock: true,
  record: true,
  isolate: true,
  restart: true,
  prune: true,
  lockByOther: true,
  stopped: true,
  untouchable: true,
}

/** The memory target, with one thing broken on request. */
function subject(broken: (target: MemoryTarget) => Partial<MemoryTarget> = () => ({})): DeployTargetSubject {
  const clock = createTestClock()
  const createdAt = (ago: number) => new Date(clock.now() - ago).toISOString()
  const target = memoryTarget({
    clock,
    releases: [
      { version: 1, image: 'shop:1', digest: I1, createdAt: createdAt(2 * day) },
      { version: 2, image: 'shop:2', digest: I3, createdAt: createdAt(day) },
    ],
    units: [
      { id: 'a', image: 'shop:2', digest: I3 },
      { id: 'b', image: 'shop:2', digest: I3 },
      { id: 'c', image: 'shop:2', digest: I3, state: 'stopped' },
      { id: 'd', image: 'shop:2', digest: I3, untouchable: 'host unreachable' },
    ],
  })
  return {
    target: { ...target, ...broken(target) },
    run: (work) => clock.run(work),
    touch: (unit) => target.change(unit, {}),
    prune: (release) => target.prune(release.image),
    lockByOther: () => target.lockBy('ci', day),
    stopped: 'c',
    untouchable: 'd',
  }
}

describeDeployTarget('memoryTarget', () => subject(), { describe, test, expect }, traits)

describe('the suite finds', () => {
  /** Runs the suite on a target and gives the titles of the cases that failed. */
  async function failures(broken: (target: MemoryTarget) => Partial<MemoryTarget>): Promise<readonly string[]> {
    const cases: { title: string; body: () => Promise<void> | void }[] = []
    describeDeployTarget(
      'broken',
      () => subject(broken),
      {
        describe: (_name, body) => body(),
        test: (title, body) => void cases.push({ title, body }),
        expect: expect as never,
      },
      traits,
    )
    const failed: string[] = []
    for (const { title, body } of cases) {
      try {
        await body()
      } catch {
        failed.push(title)
      }
    }
    return failed
  }

  test.each<[string, RegExp, (target: MemoryTarget) => Partial<MemoryTarget>]>([
    [
      'releases oldest first',
      /newest first/,
      (target) => ({ releases: async (query) => (await target.releases(query)).toReversed() }),
    ],
    ['a limit that is ignored', /limit/, (target) => ({ releases: ({ signal }) => target.releases({ signal }) })],
    ['a registry that is asked once', /registry each time/, () => ({ available: () => Promise.resolve(true) })],
    [
      'an overwritten race',
      /UNIT_CHANGED/,
      (target) => ({
        update: async (unit, release, context) =>
          target.update(await target.observe(unit.id, context), release, context),
      }),
    ],
    ['an update that is only acknowledged', /really runs it/, () => ({ update: (unit) => Promise.resolve(unit) })],
    [
      'a stopped unit that is started',
      /stopped/,
      (target) => ({
        async update(unit, release, context) {
          const updated = await target.update(unit, release, context)
          if (unit.state === 'stopped') target.change(unit.id, { state: 'started' })
          return updated
        },
      }),
    ],
    [
      'an untouchable unit that is touched',
      /left alone/,
      (target) => ({
        update: async (unit, release, context) =>
          unit.untouchable === undefined
            ? target.update(unit, release, context)
            : (target.change(unit.id, {}), Promise.reject(new Error('too late'))),
      }),
    ],
    [
      'an abort that is ignored',
      /aborted/,
      (target) => ({ units: () => target.units({ signal: new AbortController().signal }) }),
    ],
    [
      'a lock that is stolen',
      /LOCK_HELD/,
      (target) => ({ lock: async (context) => (target.lockBy('nobody', 0), target.lock(context)) }),
    ],
    [
      'a renewal with another nonce',
      /same nonce/,
      (target) => ({ renew: async (lock, context) => ({ ...(await target.renew(lock, context)), nonce: 'other' }) }),
    ],
    [
      'a release that is recorded twice',
      /once/,
      (target) => ({
        recordRelease: ({ release: _release, ...record }, context) => target.recordRelease(record, context),
      }),
    ],
    [
      'a rollback that is not marked as one',
      /records a rollback/,
      (target) => ({
        recordRelease: ({ rollbackTo: _to, ...record }, context) => target.recordRelease(record, context),
      }),
    ],
    [
      'a cordon that is not one',
      /isolates/,
      (target) => ({ isolate: (unit, context) => target.observe(unit.id, context) }),
    ],
    [
      'a restart on another image',
      /restarts/,
      (target) => ({
        restart: async (unit, context) => (
          target.change(unit.id, { image: 'shop:9' }),
          target.observe(unit.id, context)
        ),
      }),
    ],
  ])('%s', async (_name, title, broken) => {
    expect((await failures(broken)).join('\n')).toMatch(title)
  })

  test('nothing wrong with what is right', async () => {
    expect(await failures(() => ({}))).toEqual([])
  })
})
