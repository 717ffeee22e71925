import fc from 'fast-check'
import { expect, test } from 'vitest'
import { badRelease, I1 } from './fixtures/shop.ts'
import {
  describeOutcome,
  describePlan,
  executeRollback,
  planRollback,
  type RollbackOutcome,
  type RollbackPlan,
} from './index.ts'

async function rolledBack() {
  const world = await badRelease({
    units: [
      { id: 'm1', image: 'shop:1', digest: I1 },
      { id: 'm2', image: 'shop:1', digest: I1 },
      { id: 'm3', image: 'shop:1', digest: I1, state: 'stopped' },
      { id: 'm4', untouchable: 'host unreachable' },
    ],
  })
  const { clock, target } = world
  const now = clock.now()
  const plan = await clock.run(planRollback(target, { reason: 'smoke test failed', health: target.health, clock }))
  const outcome = await clock.run(executeRollback(plan, target, { health: target.health, clock }))
  return { plan, outcome, now }
}

test('a plan says from, to, why not the others, who is touched, and what is not undone', async () => {
  const { plan, now } = await rolledBack()
  expect(describePlan(plan, { now, timeZone: 'Europe/Berlin' })).toMatchInlineSnapshot(`
    "Plan 2fdc1e for shop, made 03:03:00 CET. Nothing has been changed.

      from  v3  bbbbbb  live 3 min                          40 % of 1,200 requests fail  ci
      to    v2  aaaaaa  live since 2026-11-21 03:00:00 CET  proven                       10 d live with 1,728,000 requests, 0.1 % errors; no incident known

    Reason     smoke test failed
    Candidates
      v3  bbbbbb  no    what we leave
      v2  aaaaaa  YES   complete; image present; 10 d live with 1,728,000 requests, 0.1 % errors; no incident known
      v1  aaaaaa  same  same image as v2
    Machines, in this order (3)
      1  m1  iad  started  1/1 checks  runs v3 bbbbbb  -> aaaaaa  judged, at most 45 s
      2  m2  iad  started  1/1 checks  runs v3 bbbbbb  -> aaaaaa  then one at a time
      3  m3  iad  stopped  0/1 checks  runs v3 bbbbbb  -> aaaaaa  stays stopped
      -  m4  iad  left alone: host unreachable
    Guards
      ok    target      10 d live with 1,728,000 requests, 0.1 % errors; no incident known
      ok    quarantine  not quarantined
      ok    migration   v3 has no release_command, or declares it harmless
      ok    security    no security release is undone
      ok    lease       free on 4 of 4 units
      ok    floor       1 of 4 units go on serving meanwhile
      ok    hold        none
      ok    flap        no rollback left v2
      warn  secrets     v2 changed secrets or settings only; they stay as they are today
      warn  units       m4 is left alone: host unreachable
    Not undone  secrets, database, volumes, number and size of machines
    Verify      at most 45 s for the first machine (30 requests or 10 probes of our own), then all of them are asked
    If worse    stop after machine 1, write nothing back, and say so

    Plan 2fdc1e: can run."
  `)
})

test('without a time it is the same text for the same plan', async () => {
  const { plan } = await rolledBack()
  expect(describePlan(plan)).toBe(describePlan(JSON.parse(JSON.stringify(plan)) as RollbackPlan))
  expect(describePlan(plan).split('\n')[0]).toBe(`Plan ${plan.id} for shop. Nothing has been changed.`)
})

test('an outcome says machine by machine what runs; the last line is the verdict', async () => {
  const { outcome } = await rolledBack()
  expect(describeOutcome(outcome, { timeZone: 'Europe/Berlin' })).toMatchInlineSnapshot(`
    "Rollback of shop  v3 bbbbbb -> v2 aaaaaa  plan 2fdc1e
      03:03:00 CET to 03:03:14 CET, 14 s
    Machines  3 of 3 run it
      m1  iad  updated  runs aaaaaa
      m2  iad  updated  runs aaaaaa
      m3  iad  updated  runs aaaaaa
      m4  left alone: host unreachable; runs shop:1
    Judged    better: 0 of 33 failed, 20 of 33 on the others
    Recorded  release v4, complete
    Why       0 of 99 failed (0 %, below 5 % is well), p95 200 ms
    Verified: users are well again."
  `)
})

test.each(['verified', 'unverified', 'partial', 'regressed', 'refuted', 'aborted', 'nothingToDo'] as const)(
  '%s has a verdict of its own',
  async (status) => {
    const { outcome } = await rolledBack()
    expect(
      describeOutcome({ ...outcome, status })
        .split('\n')
        .at(-1),
    ).toMatch(new RegExp(`^${status === 'nothingToDo' ? 'Nothing to do' : status}`, 'i'))
  },
)

test('what others wrote cannot move a cursor, hide a line or add one', async () => {
  const { plan, outcome } = await rolledBack()
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.constantFrom(
      '\u001b[2J',
      '\u001b]8;;http://evil\u0007x',
      '\r\nPlan: can run.',
      '\u202Egnp.exe',
      '\u0000',
      'a\u200Bb',
      '\u2028next',
    ),
  )
  fc.assert(
    fc.property(hostile, (text) => {
      const evilPlan: RollbackPlan = {
        ...plan,
        service: text,
        reason: text,
        from: { ...plan.from, by: text, image: text },
        evidence: [text],
        candidates: plan.candidates.map((each) => ({ ...each, reason: text, image: text })),
        units: plan.units.map((each) => ({ ...each, id: text, region: text, image: text })),
        untouchable: plan.untouchable.map((each) => ({ ...each, id: text, why: text })),
        guards: plan.guards.map((each) => ({ ...each, observed: text, needed: text })),
      }
      const evilOutcome: RollbackOutcome = {
        ...outcome,
        service: text,
        why: text,
        notes: [text],
        units: outcome.units.map((each) => ({ ...each, id: text, region: text, why: text, image: text })),
      }
      for (const [evil, calm] of [
        [describePlan(evilPlan), describePlan(plan)],
        [describeOutcome(evilOutcome), describeOutcome({ ...outcome, notes: ['x'] })],
      ] as const) {
        expect(evil).not.toMatch(/[^\P{Cc}\n]|[\p{Cf}\u2028\u2029]/u)
        expect(evil.split('\n')).toHaveLength(calm.split('\n').length)
      }
    }),
    { numRuns: 100 },
  )
})
