import { afterEach, describe, expect, test } from 'vitest'
import { NotifyError, type Signal } from '@firebreak/core'
import { mortal } from './mortal.ts'
import { assessedAt, badRelease, check, closeWorlds, ill, images, minute, second, times, until, watched } from './watched-world.ts'
import { agent, image, neighbour, wakes, writesOf } from './world.ts'

afterEach(closeWorlds)

describe('scenarios', () => {
  test(
    '1: a bad release at 60 % is P0, rolled back one machine first, verified and resolved; the manager is woken once',
    { timeout: 60_000 },
    async () => {
      const world = await badRelease(0.6)
      await until(world, world.onset + 30 * minute)
      const events = await world.events()
      const incident = await world.incident()
      expect(assessedAt(events, 'P1') - world.onset).toBeLessThanOrEqual(45 * second)
      expect(assessedAt(events, 'P0') - world.onset).toBeLessThanOrEqual(90 * second)
      expect(incident?.suspicion?.verdict).toBe('suspected')
      const firstUnit = times(events, 'unit.updated')[0] ?? Infinity
      const firstWake = wakes(world.arrived, 'manager')[0]?.at ?? Infinity
      expect(firstUnit - firstWake).toBeGreaterThanOrEqual(10 * second)
      expect(images(world)).toEqual([image('good'), image('good'), image('good')])
      expect((times(events, 'rollback.verified')[0] ?? Infinity) - world.onset).toBeLessThanOrEqual(360 * second)
      expect(incident?.status).toBe('resolved')
      expect(wakes(world.arrived, 'manager', world.onset + 30 * minute)).toHaveLength(1)
      expect(wakes(world.arrived, 'engineer', world.onset + 30 * minute)).toHaveLength(0)
      expect(writesOf(world.sim)).toBe(3)
    },
  )

  test(
    '1, when the platform reads its counters right before the first machine settles: what was before is not held against it',
    { timeout: 60_000 },
    async () => {
      const world = await badRelease(0.51, { seed: 3 })
      await until(world, world.onset + 6 * minute)
      const incident = await world.incident()
      expect(incident?.mitigations.map(({ outcome }) => outcome)).toEqual(['verified'])
      expect(images(world)).toEqual([image('good'), image('good'), image('good')])
      expect(wakes(world.arrived, 'manager')).toHaveLength(1)
      expect(wakes(world.arrived, 'engineer')).toEqual([])
    },
  )

  test('1, with two responders on one log: one page, and each machine is updated once', { timeout: 60_000 }, async () => {
    const world = await badRelease(0.6)
    const other = world.responder({ seed: 51 })
    await world.clock.run(other.start())
    await until(world, world.onset + 6 * minute)
    expect((await world.incident())?.mitigations.map(({ outcome }) => outcome)).toEqual(['verified'])
    expect(writesOf(world.sim)).toBe(3)
    expect(wakes(world.arrived, 'manager')).toHaveLength(1)
    expect(wakes(world.arrived, 'engineer')).toEqual([])
    await world.clock.run(other.stop())
  })

  test('2: exactly 50 % is P1, asked about and not acted on; the engineer is told after 15 min', { timeout: 60_000 }, async () => {
    const world = await badRelease(0.5)
    await until(world, world.onset + 30 * minute)
    const events = await world.events()
    expect(assessedAt(events, 'P0')).toBe(Infinity)
    expect(times(events, 'approval.requested').length).toBeGreaterThan(0)
    expect(writesOf(world.sim)).toBe(0)
    const manager = wakes(world.arrived, 'manager')
    expect((manager[0]?.at ?? Infinity) - world.onset).toBeLessThanOrEqual(150 * second)
    const engineer = wakes(world.arrived, 'engineer')
    expect((engineer[0]?.at ?? Infinity) - assessedAt(events, 'P1')).toBeLessThanOrEqual(16 * minute)
  })

  test('12: the same image shipped again is not rolled back a second time without a person', { timeout: 60_000 }, async () => {
    const world = await badRelease(0.6)
    await until(world, world.onset + 20 * minute)
    world.sim.admin.clearCalls()
    await world.clock.run(world.sim.admin.ship(agent, image('bad')))
    world.sim.admin.clearCalls()
    for (const { id } of world.sim.admin.machines(agent)) world.sim.admin.breakMachine(id, ill(0.6))
    await until(world, world.clock.now() + 15 * minute)
    const incident = await world.incident()
    expect(incident?.severity).toBe('P0')
    expect(writesOf(world.sim)).toBe(0)
    expect(Array.from(incident?.approvals.values() ?? []).length).toBeGreaterThan(0)
  })

  test('26: a raise after an acknowledgement wakes the manager again at once', { timeout: 60_000 }, async () => {
    const world = await watched({ images: [{ ref: image('x') }] })
    const onset = world.clock.now()
    world.sim.admin.breakApp(agent, ill(0.2))
    await until(world, onset + 2 * minute)
    await world.clock.run(world.responder1.acknowledge(agent, { by: 'mia', role: 'manager' }))
    const before = wakes(world.arrived, 'manager').length
    await until(world, onset + 6 * minute)
    world.sim.admin.breakApp(agent, ill(0.7))
    await world.clock.advance(2 * minute)
    const raised = assessedAt(await world.events(), 'P0')
    const again = wakes(world.arrived, 'manager')[before]
    expect((again?.at ?? Infinity) - raised).toBeLessThanOrEqual(second)
    await world.clock.advance(5 * minute)
    expect((await world.incident())?.plan, 'no suspect').toBeUndefined()
    expect(writesOf(world.sim)).toBe(0)
    const engineer = wakes(world.arrived, 'engineer').map(({ at }) => at - raised)
    expect(engineer).toHaveLength(1)
    expect(engineer[0]).toBeGreaterThanOrEqual(5 * minute)
    expect(engineer[0]).toBeLessThanOrEqual(5 * minute + second)
  })

  test('6: a database that is gone is not the release: nothing is written, and both services are in one group', { timeout: 60_000 }, async () => {
    const world = await watched()
    await until(world, world.clock.now() + 4 * minute)
    const onset = world.clock.now()
    world.sim.admin.breakApp(agent, ill(1))
    world.sim.admin.breakApp(neighbour, ill(1))
    // Both are seen by their database probes in the same breath.
    const database = (service: string): Signal => ({
      id: `${service}-postgres`,
      key: 'postgres',
      source: 'tcp',
      measured: true,
      service,
      status: 'firing',
      at: new Date(onset).toISOString(),
      summary: 'Postgres refuses connections',
      symptoms: [{ kind: 'dependency', name: 'postgres', role: 'database' }],
      labels: {},
      links: [],
    })
    await world.clock.run(world.responder1.ingest([database(agent), database(neighbour)]))
    await until(world, onset + 10 * minute)
    const [one, other] = [await world.incident(agent), await world.incident(neighbour)]
    expect([one?.severity, other?.severity]).toEqual(['P0', 'P0'])
    expect([...(one?.linked ?? []), ...(other?.linked ?? [])].length).toBeGreaterThan(0)
    expect(writesOf(world.sim)).toBe(0)
    expect(one?.suspicion?.tests.find(({ test: name }) => name === 'otherCause')?.answer).toBe('no')
    expect(wakes(world.arrived, 'manager', onset + 140 * second)).toHaveLength(1)
    expect(wakes(world.arrived, 'manager')[0]?.page.text).toContain(neighbour)
  })

  test('8: after a change of secrets an image rollback cannot help, and says so', { timeout: 60_000 }, async () => {
    const world = await watched({ agent: { checks: { deep: check } } })
    await world.clock.run(world.sim.admin.shipSecrets(agent, { STRIPE_KEY: 'new' }))
    world.sim.admin.clearCalls()
    await world.clock.advance(90 * second)
    const onset = world.clock.now()
    world.sim.admin.breakApp(agent, ill(1))
    await world.clock.advance(10 * minute)
    const incident = await world.incident()
    expect(incident?.severity).toBe('P0')
    expect(writesOf(world.sim)).toBe(0)
    expect(incident?.suspicion?.tests.find(({ test: name }) => name === 'change')?.answer).toBe('no')
    expect(wakes(world.arrived, 'engineer')[0]?.at ?? Infinity).toBeLessThanOrEqual(onset + 3 * minute)
  })

  test(
    '11: an update that the platform silently takes back is noticed, tried once more, and never called a success',
    { timeout: 60_000 },
    async () => {
      const world = await badRelease(0.6)
      const [, second2] = world.sim.admin.machines(agent)
      world.sim.admin.addFault({ kind: 'image-pull-failure', machine: second2?.id, times: 10 })
      await until(world, world.onset + 10 * minute)
      const incident = await world.incident()
      expect(incident?.mitigations.map(({ outcome }) => outcome)).not.toContain('verified')
      expect(incident?.mitigatedAt).toBeUndefined()
      expect(wakes(world.arrived, 'engineer').length).toBeGreaterThan(0)
    },
  )

  test('14: one machine that fails every request is taken out of the pool, and the others are left alone', { timeout: 60_000 }, async () => {
    const world = await watched()
    const [, alone] = world.sim.admin.machines(agent)
    const onset = world.clock.now()
    world.sim.admin.breakMachine(alone?.id ?? '', ill(1))
    await world.clock.advance(5 * minute)
    const now = world.sim.admin.machines(agent)
    expect(now.map(({ cordoned }) => cordoned)).toEqual([false, true, false])
    expect(assessedAt(await world.events(), 'P1') - onset).toBeLessThanOrEqual(90 * second)
    expect(wakes(world.arrived, 'engineer')).toHaveLength(0)
  })

  test.each([
    // Over a minute, the ratio is at its height for 20 s: whether two looks in a row find it there is a matter of their phase.
    ['P1', 6 * second, 1, ['raise', 'flapping']],
    ['P2', 0, 0, []],
  ])(
    '17: errors that come and go each minute are one incident, %s by the phase of the looks, and one notice',
    { timeout: 60_000 },
    async (...expected) => {
      const [severity, phaseMs, woken, read] = expected
      const world = await watched()
      await world.clock.advance(phaseMs)
      const onset = world.clock.now()
      for (let turn = 0; turn < 30; turn += 1) {
        world.sim.admin.breakApp(agent, ill(turn % 2 === 0 ? 0.12 : 0))
        await world.clock.advance(minute)
      }
      const incident = await world.incident()
      expect([incident?.worst, incident?.number, incident?.reopened]).toEqual([severity, 1, 0])
      expect(writesOf(world.sim)).toBe(0)
      expect(wakes(world.arrived, 'manager')).toHaveLength(woken)
      expect(wakes(world.arrived, 'engineer')).toEqual([])
      const messages = world.arrived.filter(({ channel: name }) => name === 'slack')
      expect(messages.map(({ page }) => page.reason)).toEqual(read)
      expect(
        messages.filter(({ page, at }) => page.reason === 'flapping' && at - onset > 6 * minute),
        'noticed within six changes',
      ).toEqual([])
    },
  )

  test(
    '24: while one channel throttles and another fails, the page arrives, and the throttled one gets one summary',
    { timeout: 60_000 },
    async () => {
      const throttled = (sending: number) =>
        sending === 1 ? new NotifyError({ outcome: 'throttled', message: 'slow down', retryAfterMs: 600_000 }) : undefined
      const failing = (sending: number) => (sending <= 3 ? new NotifyError({ outcome: 'transient', message: 'answered 500' }) : undefined)
      const world = await badRelease(0.6, { answers: { slack: throttled, sms: failing } })
      await until(world, world.onset + 14 * minute)
      const events = await world.events()
      const opened = assessedAt(events, 'P0')
      expect((wakes(world.arrived, 'manager')[0]?.at ?? Infinity) - opened).toBeLessThanOrEqual(90 * second)
      expect((await world.incident())?.mitigations.map(({ outcome }) => outcome)).toContain('verified')
    },
  )

  test('29: a responder that dies after the first update was sent is continued: nothing is updated twice', { timeout: 60_000 }, async () => {
    const gate = mortal()
    const world = await badRelease(0.6, { network: gate.network, wrapLog: gate.log })
    while (writesOf(world.sim) === 0 && world.clock.now() < world.onset + 5 * minute) await until(world, world.clock.now() + second)
    gate.kill()
    world.dead = true
    await until(world, world.clock.now() + 30 * second)
    gate.revive()
    const next = world.responder({ seed: 99 })
    await world.clock.run(next.start())
    await until(world, world.clock.now() + 10 * minute)
    expect(images(world)).toEqual([image('good'), image('good'), image('good')])
    expect(writesOf(world.sim)).toBe(3)
    expect((await world.incident())?.status).toBe('mitigated')
    await world.clock.run(next.stop())
  })

  test('33: a P2 on a Friday night wakes nobody, and is answered on Monday after two business hours', { timeout: 120_000 }, async () => {
    const start = Date.parse('2026-10-23T22:04:00+02:00')
    const world = await watched({ start, timeZone: 'Europe/Berlin' })
    world.sim.admin.breakApp(agent, ill(0.06))
    await world.clock.advance(10 * minute)
    const incident = await world.incident()
    expect(incident?.severity).toBe('P2')
    expect(wakes(world.arrived, 'manager')).toHaveLength(0)
    expect(world.arrived.some(({ role }) => role === 'deployment-log')).toBe(true)
    const forecast = await world.clock.run(world.responder1.forecast(agent))
    const reminder = forecast.find(({ at }) => at >= Date.parse('2026-10-26T10:59:00+01:00') && at <= Date.parse('2026-10-26T11:20:00+01:00'))
    expect(reminder?.why).toBeDefined()
  })
})
