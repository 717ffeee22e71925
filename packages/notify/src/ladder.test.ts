import { describe, expect, test } from 'vitest'
import { emptyIncident, emptyService, NotifyError, type Incident } from '@firebreak/core'
import { defineCalendar } from '@firebreak/core/calendar'
import { acknowledge, base, service } from './fixtures/base.ts'
import { assess, open } from './fixtures/house.ts'
import { ladder } from './ladder/ladder.ts'
import { elapsedOn, pausedSince, timeOn } from './ladder/pauses.ts'
import { standardRoutes } from './routes/standard-routes.ts'

const minute = 60
const plan = (incident: string) => ({
  service,
  plan: 'p1',
  digest: 'd',
  from: { version: 3, image: 'I3' },
  to: { version: 2, image: 'I1' },
  units: ['M1', 'M2', 'M3'],
  reason: incident,
})
const finished = (outcome: 'verified' | 'regressed' | 'refuted' | 'failed', why = 'measured') => ({
  service,
  action: 'rollback to v2',
  outcome,
  why,
})

describe('P0', () => {
  test('manager at once and at 2:30, both at 5:00 and every 10 min, for ever', async () => {
    const { house, times } = base()
    const incident = open(house, service, 'P0')
    await house.until(65 * minute)
    expect(times('sms')).toEqual([1, 150, 300, 900, 1_500, 2_100, 2_700, 3_300, 3_900])
    expect(times('engineer-sms')).toEqual([301, 900, 1_500, 2_100, 2_700, 3_300, 3_900])
    const exhausted = house.events(incident).filter(({ type }) => type === 'escalation.exhausted')
    expect(exhausted.map(({ data }) => data)).toEqual([{ service, severity: 'P0', tried: ['manager', 'engineer'] }])
  })

  test('an acknowledgement ends the ladder, is told to all who were paged, and lapses without a note', async () => {
    const { house, all, times } = base()
    const incident = open(house, service, 'P0')
    await house.until(400)
    acknowledge(house, incident)
    house.append(incident, 'incident.mitigated', { service, how: 'by hand' })
    await house.until(400 + 30 * minute - 1)
    expect(times('sms')).toEqual([1, 150, 300])
    expect(all.by('slack').at(-1)!.page).toMatchObject({
      kind: 'acknowledge',
      title: expect.stringContaining('by mia'),
    })
    await house.until(400 + 35 * minute + 1)
    const lapse = 400 + 30 * minute
    expect(times('sms')).toEqual([1, 150, 300, lapse, lapse + 150, lapse + 300])
    expect(house.incident(incident).acknowledgement).toMatchObject({ lapsed: true })
    expect(all.by('sms')[3]!.page.reason).toBe('lapsed')
  })

  test('a note puts the lapse off', async () => {
    const { house, times } = base()
    const incident = open(house, service, 'P0')
    await house.until(100)
    acknowledge(house, incident)
    house.append(incident, 'incident.mitigated', { service, how: 'by hand' })
    await house.until(100 + 29 * minute)
    house.append(incident, 'note.added', { service, by: 'mia', text: 'looking' })
    await house.until(100 + 58 * minute)
    expect(times('sms')).toEqual([1])
    await house.until(100 + 60 * minute)
    expect(times('sms')).toEqual([1, 100 + 59 * minute])
  })

  test('the engineer is called when it is not mitigated after 15 min, acknowledged or not', async () => {
    const { house, times, reasons } = base()
    const incident = open(house, service, 'P0')
    await house.until(100)
    acknowledge(house, incident)
    await house.until(14 * minute)
    expect(times('engineer-sms')).toEqual([])
    await house.until(26 * minute)
    expect(times('engineer-sms')).toEqual([15 * minute + 1, 25 * minute])
    expect(reasons('engineer-sms')).toEqual(['unmitigated', 'unmitigated'])
    acknowledge(house, incident)
    await house.until(50 * minute)
    expect(times('engineer-sms')).toHaveLength(2)
  })

  test('what was mitigated in time is not called unmitigated later, whatever else is verified then', async () => {
    const { house, reasons } = base()
    const incident = open(house, service, 'P0')
    await house.until(200)
    house.append(incident, 'mitigation.finished', finished('verified'))
    await house.until(1_000)
    house.append(incident, 'mitigation.finished', finished('verified'))
    await house.until(2_000)
    expect(reasons('engineer-sms')).toEqual([])
  })

  test('a verified mitigation pauses it, a regression calls the engineer and resumes it where it was', async () => {
    const { house, times } = base()
    const incident = open(house, service, 'P0')
    await house.until(240)
    house.append(incident, 'mitigation.finished', finished('verified'))
    await house.until(640)
    expect(times('sms')).toEqual([1, 150])
    house.append(incident, 'mitigation.finished', finished('regressed', 'errors are back'))
    await house.until(720)
    // 240 of 300 s had passed at the pause: 60 s are left.
    expect(times('sms')).toEqual([1, 150, 700])
    expect(times('engineer-sms')).toEqual([641, 700])
  })

  test('after an acknowledgement, a failed mitigation wakes both again', async () => {
    const { house, times, all } = base()
    const incident = open(house, service, 'P0')
    await house.until(30)
    acknowledge(house, incident)
    await house.until(200)
    house.append(incident, 'mitigation.finished', finished('refuted', 'machine 1 is as ill'))
    await house.until(400)
    expect(times('sms')).toEqual([1, 200, 350])
    expect(times('engineer-sms')).toEqual([201])
    expect(all.by('engineer-sms')[0]!.page.title).toContain('did not help')
  })

  test('before an acknowledgement, a failed mitigation wakes the engineer and is news for the manager', async () => {
    const { house, times, reasons } = base()
    const incident = open(house, service, 'P0')
    await house.until(60)
    house.append(incident, 'mitigation.finished', finished('failed'))
    await house.until(120)
    expect(times('sms')).toEqual([1])
    expect(times('engineer-sms')).toEqual([61])
    expect(reasons('slack')).toEqual(['raise', 'mitigation'])
  })

  test('a refusal that leaves the decision to a person does not wake the engineer; one without does', async () => {
    const refusal = { service, guard: 'budget', action: 'rollback to v2', observed: '1 of 1', needed: 'below 1' }
    const approval = { service, approval: 'a1', action: 'rollback to v2', digest: 'd', why: 'budget used' }
    const asked = base()
    const first = open(asked.house, service, 'P0')
    await asked.house.until(20)
    asked.house.append(first, 'guard.refused', refusal)
    const expiresAt = new Date(asked.house.clock.now() + 900_000).toISOString()
    asked.house.append(first, 'approval.requested', { ...approval, expiresAt })
    await asked.house.until(200)
    expect(asked.times('engineer-sms')).toEqual([])

    const alone = base()
    const second = open(alone.house, service, 'P0')
    await alone.house.until(20)
    alone.house.append(second, 'guard.refused', refusal)
    await alone.house.until(200)
    expect(alone.times('engineer-sms')).toEqual([23])
    expect(alone.all.by('engineer-sms')[0]!.page.title).toContain('budget is 1 of 1, needed below 1')
  })

  test('a person who presses escalate calls the role he names, or the engineer when nobody is it', async () => {
    const { house, times, all } = base()
    const incident = open(house, service, 'P0')
    await house.until(10)
    house.append(incident, 'incident.escalated', { service, to: 'database-team', why: 'Postgres is gone', by: 'mia' })
    await house.until(20)
    expect(times('engineer-sms')).toEqual([11])
    expect(all.by('engineer-sms')[0]!.page.title).toContain('mia asks for help: Postgres is gone')
  })

  test('the reminder waits while a rollback is under way; the engineer does not', async () => {
    const { house, times } = base()
    const incident = open(house, service, 'P0')
    await house.until(60)
    house.append(incident, 'rollback.planned', plan(incident))
    house.append(incident, 'unit.updated', { service, unit: 'M1', image: 'I1', outcome: 'updated', done: 1, total: 3 })
    await house.until(299)
    expect(times('sms')).toEqual([1])
    await house.until(301)
    expect(times('sms')).toEqual([1, 300])
    expect(times('engineer-sms')).toEqual([301])
  })

  test('lowered to P1 it goes on from what people were told; raised again it begins anew', async () => {
    const { house, times } = base()
    const incident = open(house, service, 'P0')
    await house.until(200)
    assess(house, incident, 'P1', 0.3)
    await house.until(800)
    expect(times('sms')).toEqual([1, 150])
    assess(house, incident, 'P0', 0.7)
    await house.until(801)
    expect(times('sms')).toEqual([1, 150, 800])
    // The engineer has not been told at all: P1's 15 min, or P0's 5 min, whichever level it has.
    await house.until(1_102)
    expect(times('engineer-sms')).toEqual([1_101])
  })

  test('a manager who cannot be reached at all is not waited for', async () => {
    const gone = new NotifyError({ outcome: 'permanent', message: 'answered 401' })
    const { house, times, reasons } = base({ sms: () => gone })
    open(house, service, 'P0')
    await house.until(10)
    expect(times('engineer-sms')).toEqual([1])
    expect(reasons('engineer-sms')).toEqual(['unreachable'])
  })

  test('after an hour in which nobody looked, each role gets one page, not twelve', async () => {
    const { house, times } = base()
    const incident = open(house, service, 'P0')
    house.clock.jump(3_600_000)
    await house.until(3_600)
    expect(times('sms')).toHaveLength(1)
    expect(times('engineer-sms')).toHaveLength(1)
    expect(house.incident(incident).pages.size).toBeGreaterThan(3)
  })
})

describe('P1', () => {
  test('what vanishes within a minute wakes nobody, and is on record', async () => {
    const { house, times, all } = base()
    const incident = open(house, service, 'P1', 0.2)
    await house.until(50)
    house.append(incident, 'incident.resolved', { service, by: 'responder', why: 'well again' })
    await house.until(600)
    expect(times('sms')).toEqual([])
    expect(times('slack')).toEqual([])
    expect(all.by('deployment.md').map(({ page }) => page.kind)).toEqual(['trigger', 'resolve'])
  })

  test('one that climbs there through lower levels is held from its raise on; one that was open for long is not held', async () => {
    const climbing = base()
    const incident = open(climbing.house, service, 'P3', 0.02)
    await climbing.house.until(30)
    assess(climbing.house, incident, 'P1', 0.3)
    await climbing.house.until(80)
    assess(climbing.house, incident, 'P0', 0.6)
    await climbing.house.until(2 * minute)
    expect(climbing.times('sms'), 'one page for both levels').toEqual([81])

    const slow = base()
    const open2 = open(slow.house, service, 'P2', 0.06)
    await slow.house.until(10 * minute)
    assess(slow.house, open2, 'P1', 0.3)
    await slow.house.until(12 * minute)
    expect(slow.times('sms')).toEqual([10 * minute + 1])
  })

  test('machine after machine that a restart does not help wakes the engineer once, and is news each time', async () => {
    const { house, reasons } = base()
    const incident = open(house, service, 'P1', 0.2)
    await house.until(2 * minute)
    for (const [turn, unit] of ['M1', 'M2', 'M3'].entries()) {
      house.append(incident, 'mitigation.finished', { ...finished('failed'), action: `restart/${unit}/1` })
      await house.until((4 + turn) * minute)
    }
    expect(reasons('engineer-sms')).toEqual(['mitigation'])
    expect(reasons('slack')).toEqual(['raise', 'mitigation', 'mitigation', 'mitigation'])
    house.append(incident, 'mitigation.finished', { ...finished('failed'), action: 'isolate/M1/1' })
    await house.until(8 * minute)
    expect(reasons('engineer-sms'), 'another remedy that fails is another reason').toEqual(['mitigation', 'mitigation'])
  })

  test('what was mended and verified within a minute wakes nobody', async () => {
    const { house, times } = base()
    const incident = open(house, service, 'P1', 0.2)
    await house.until(40)
    house.append(incident, 'mitigation.finished', finished('verified'))
    await house.until(20 * minute)
    expect(times('sms')).toEqual([])
    expect(times('engineer-sms')).toEqual([])
  })

  test('an acknowledgement before the first page makes it needless', async () => {
    const { house, times } = base()
    const incident = open(house, service, 'P1', 0.2)
    await house.until(30)
    acknowledge(house, incident, 120, 'P1')
    await house.until(20 * minute)
    expect(times('sms')).toEqual([])
    expect(times('engineer-sms')).toEqual([])
  })
})

describe('P2 and P3', () => {
  const friday = Date.parse('2026-10-23T22:10:00+02:00')

  test('33: nobody is woken on a Friday night; the entry is there at once, the reminder on Monday at 11', async () => {
    const { house, all, times } = base({ startAt: friday })
    open(house, service, 'P2', 0.06)
    await house.until(4 * 24 * 3_600)
    expect(times('sms')).toEqual([])
    expect(times('deployment.md')).toEqual([0])
    expect(times('manager.md')).toEqual([])
    const due = (Date.parse('2026-10-26T11:00:00+01:00') - friday) / 1_000
    expect(times('slack')).toEqual([due + 1])
    expect(all.by('slack')[0]!.page.reason).toBe('remind')
  })

  test('P3 goes into one digest, also what is over by then', async () => {
    const { house, all, times } = base({ startAt: Date.parse('2026-11-24T12:00:00+01:00') })
    const first = open(house, 'one', 'P3', 0.02)
    await house.until(3_600)
    open(house, 'two', 'P3', 0.03)
    house.append(first, 'incident.resolved', { service: 'one', by: 'responder', why: 'well again' })
    await house.until(24 * 3_600)
    const digests = all.by('slack').filter(({ page }) => page.reason === 'digest')
    expect(digests).toHaveLength(1)
    expect(digests[0]!.page.text).toContain('one, two')
    expect(Math.round(digests[0]!.at)).toBe(21 * 3_600)
    expect(all.by('slack')).toHaveLength(1)
    expect(times('sms')).toEqual([])
  })
})

describe('records', () => {
  test('a P2 that becomes P0 reaches the second file at its raise, and the first as a line', async () => {
    const { house, all } = base()
    const incident = open(house, service, 'P2', 0.06)
    await house.until(60)
    assess(house, incident, 'P0', 0.7)
    await house.until(70)
    house.append(incident, 'incident.resolved', { service, by: 'mia', why: 'fixed' })
    await house.until(80)
    const told = (name: string) => all.by(name).map(({ page }) => `${page.kind} ${page.reason}`)
    expect(told('deployment.md')).toEqual(['trigger opened', 'update raised', 'resolve resolved'])
    expect(told('manager.md')).toEqual(['trigger opened', 'resolve resolved'])
  })
})

describe('what is not needed any more', () => {
  test('a page that could not be sent is withdrawn when somebody has taken it on', async () => {
    const { house, times } = base({
      engineer: (now) => (now < 700 ? new NotifyError({ outcome: 'transient', message: 'down' }) : undefined),
    })
    const incident = open(house, service, 'P0')
    await house.until(400)
    acknowledge(house, incident)
    house.append(incident, 'incident.mitigated', { service, how: 'by hand' })
    await house.until(1_200)
    expect(times('engineer-sms')).toEqual([])
    expect(house.events(incident).filter(({ type }) => type === 'page.withdrawn')).toHaveLength(1)
  })

  test('an incident that came and went before anybody could be told is told once, as over', async () => {
    const down = (now: number) => (now < 300 ? new NotifyError({ outcome: 'transient', message: 'down' }) : undefined)
    const { house, all, times } = base({ sms: down, slack: down })
    const incident = open(house, service, 'P0')
    await house.until(200)
    house.append(incident, 'incident.resolved', { service, by: 'responder', why: 'well again' })
    await house.until(1_200)
    expect(times('sms')).toHaveLength(1)
    expect(all.by('sms')[0]!.page.title).toMatch(/resolved at 03:03 CET after 3.3 min/)
    expect(times('engineer-sms')).toEqual([])
  })
})

describe('time on a ladder', () => {
  test('pauses do not count, and what began before the start belongs to an older story', () => {
    const pauses = [{ from: 100, until: 400 }]
    expect(timeOn(0, 50, pauses)).toBe(50)
    expect(timeOn(0, 150, pauses)).toBe(450)
    expect(timeOn(200, 150, pauses)).toBe(350)
    expect(timeOn(0, 150, [{ from: 100, until: Number.POSITIVE_INFINITY }])).toBe(Number.POSITIVE_INFINITY)
    for (const elapsed of [0, 99, 100, 101, 1_000])
      expect(elapsedOn(0, timeOn(0, elapsed, pauses), pauses)).toBe(elapsed)
    expect(pausedSince(0, 100, pauses)).toBe(100)
    expect(pausedSince(0, 400, pauses)).toBeUndefined()
  })

  test('the same incident and time give the same rungs, and asking changes nothing', () => {
    const incident: Incident = {
      ...emptyIncident('incident/web/1'),
      severity: 'P0',
      openedAt: 1_000,
      raisedAt: { P0: 1_000 },
    }
    const view = { now: 5_000, service: emptyService('service/web'), calendar: defineCalendar({ timeZone: 'UTC' }) }
    const before = structuredClone({ ...incident })
    const first = ladder(incident, standardRoutes, view)
    expect(ladder(incident, standardRoutes, view)).toEqual(first)
    expect({ ...incident }).toEqual(before)
    expect(first.map(({ step, to, dueAt }) => `${step} ${to} ${(dueAt - 1_000) / 1_000}`)).toEqual([
      'raise manager 0',
      'remind manager 150',
      'escalate engineer 300',
      'escalate manager 300',
      'repeat engineer 900',
      'call engineer 900',
      'repeat manager 900',
    ])
  })
})
