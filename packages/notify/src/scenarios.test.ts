import { describe, expect, test } from 'vitest'
import { NotifyError } from '@firebreak/core'
import { acknowledge, base, service } from './fixtures/base.ts'
import { assess, open } from './fixtures/house.ts'

describe('the pages of the scenarios', () => {
  test('1: P1 held 60 s became P0; one wake for a good rollback, and the engineer sleeps', async () => {
    const { house, all } = base()
    await house.until(45)
    const incident = open(house, service, 'P1', 0.3, 45)
    await house.until(90)
    assess(house, incident, 'P0', 0.6)
    const plan = {
      service,
      plan: 'p1',
      digest: 'd',
      from: { version: 3, image: 'I3' },
      to: { version: 2, image: 'I1' },
      units: ['M1', 'M2', 'M3'],
      reason: 'P0',
    }
    await house.until(102)
    house.append(incident, 'rollback.planned', plan)
    for (const [index, unit] of plan.units.entries()) {
      await house.until(130 + index * 60)
      house.append(incident, 'unit.updated', {
        service,
        unit,
        image: 'I1',
        outcome: 'updated',
        done: index + 1,
        total: 3,
      })
    }
    await house.until(330)
    house.append(incident, 'incident.mitigated', { service, how: 'rollback' })
    house.append(incident, 'mitigation.finished', {
      service,
      action: 'rollback to v2',
      outcome: 'verified',
      why: '0 of 1,310 failed',
    })
    await house.until(600)
    assess(house, incident, 'P3', 0)
    await house.until(930)
    house.append(incident, 'incident.resolved', { service, by: 'responder', why: 'healthy for 10 min' })
    await house.until(1_800)

    expect(all.by('sms').map(({ at }) => Math.round(at))).toEqual([91])
    expect(all.by('engineer-sms')).toEqual([])
    expect(all.by('sms')[0]!.page.title).toMatch(/^P0 hotdash-agent-service: 60% of requests fail since 03:00 CET/)
    expect(all.by('slack').map(({ page }) => page.reason)).toEqual(['raise', 'rollback', 'verified', 'resolved'])
    expect(all.by('deployment.md').map(({ page }) => [page.kind, page.severity])).toEqual([
      ['trigger', 'P1'],
      ['update', 'P0'],
      ['update', 'P0'],
      ['resolve', 'P0'],
    ])
    expect(all.by('manager.md')).toHaveLength(4)
  })

  test('2: P1 all the way: manager within 150 s, engineer at P1 + 15 min', async () => {
    const { house, times } = base()
    await house.until(45)
    const incident = open(house, service, 'P1', 0.5, 45)
    await house.until(230)
    const expiresAt = new Date(house.clock.now() + 900_000).toISOString()
    house.append(incident, 'approval.requested', {
      service,
      approval: 'a1',
      action: 'rollback to v2',
      digest: 'd',
      why: 'P1',
      expiresAt,
    })
    await house.until(1_100)
    expect(times('sms')).toEqual([106])
    expect(times('engineer-sms')).toEqual([946])
    expect(times('slack')).toEqual([106, 231])
  })

  test('17: a service that goes on and off is one page and one notice', async () => {
    const { house, all, times } = base()
    const incident = open(house, service, 'P1', 0.12)
    for (let minute = 1; minute <= 30; minute += 1) {
      await house.until(minute * 60)
      const status = minute % 2 === 0 ? 'firing' : 'resolved'
      const known = house.incident(incident).signals.get('errors')!.signal
      house.append(`service/${service}`, 'signal.observed', { ...known, id: `flap-${minute}`, status })
    }
    expect(times('sms')).toEqual([61])
    expect(all.by('slack').map(({ page }) => page.reason)).toEqual(['raise', 'flapping'])
    expect(all.by('slack')[1]!.at).toBeLessThanOrEqual(6 * 60 + 1)
    expect(times('engineer-sms')).toEqual([])
    // It stays ill: now somebody has to look.
    await house.until(40 * 60)
    expect(times('engineer-sms')).toEqual([30 * 60 + 5 * 60])
  })

  test('24: SMS that fails three times is delivered within 90 s; Slack gets one current summary when it wants to', async () => {
    let attempts = 0
    const { house, all, times } = base({
      sms: () =>
        (attempts += 1) <= 3 ? new NotifyError({ outcome: 'transient', message: 'sms answered 500' }) : undefined,
      slack: (now) =>
        now < 600 ? new NotifyError({ outcome: 'throttled', retryAfterMs: 600_000, message: 'slow down' }) : undefined,
    })
    const incident = open(house, service, 'P0')
    await house.until(400)
    expect(times('sms')[0]).toBeLessThanOrEqual(90)
    await house.until(420)
    acknowledge(house, incident)
    await house.until(890)
    expect(times('slack')).toEqual([601])
    const [summary] = all.by('slack')
    expect(summary!.page.title).toMatch(/acknowledged by mia/)
    expect(summary!.page.text).toMatch(/stands for 4 messages that could not be sent before/)
    expect(house.events(incident).filter(({ type }) => type === 'page.failed').length).toBeGreaterThan(0)
  })

  test('26: an acknowledged P1 that becomes P0 wakes the manager within a second, the engineer 5 min later', async () => {
    const { house, times } = base()
    const incident = open(house, service, 'P1', 0.2)
    await house.until(120)
    acknowledge(house, incident, 120, 'P1')
    await house.until(360)
    expect(times('sms')).toEqual([61])
    assess(house, incident, 'P0', 0.7)
    await house.until(361)
    expect(times('sms')).toHaveLength(2)
    await house.until(700)
    expect(times('sms')).toEqual([61, 361, 510, 660])
    expect(times('engineer-sms')).toEqual([661])
  })

  test('28: fifty services at once are three messages that name them all', async () => {
    const { house, all, times } = base()
    const names = Array.from({ length: 50 }, (_, index) => `service-${String(index + 1).padStart(2, '0')}`)
    for (const [index, name] of names.entries()) {
      await house.until(index * 1.2)
      open(house, name, 'P0')
    }
    await house.until(149)
    expect(times('sms').length).toBeLessThanOrEqual(3)
    expect(times('sms')[0]).toBe(1)
    expect(times('sms').at(-1)).toBeLessThanOrEqual(60 + 60)
    const said = all
      .by('sms')
      .map(({ page }) => `${page.title}\n${page.text}`)
      .join('\n')
    for (const name of names) expect(said).toContain(name)
    // The reminders of all fifty are one message too.
    await house.until(299)
    expect(times('sms').length).toBe(times('sms').filter((at) => at < 150).length + 1)
    expect(all.by('sms').at(-1)!.page.title).toMatch(/50 services/)
  })
})
