import { describe, expect, test } from 'vitest'
import { NotifyError, type Notifier } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { base, service } from './fixtures/base.ts'
import { open } from './fixtures/house.ts'
import { createPager, scaleRoutes, standardRoutes } from './index.ts'

const notifier = (
  name: string,
  reach: 'record' | 'read' | 'wake',
  send: Notifier['send'] = async () => ({ state: 'delivered' }),
): Notifier => ({
  name,
  reach,
  send,
})
const sms = notifier('sms', 'wake')

describe('a pager is refused', () => {
  test('when a role of its routes is unset: "On-Call: TBD" is nobody', () => {
    for (const engineer of [undefined, []] as const)
      expect(() => createPager({ people: { manager: sms, engineer } })).toThrow(
        expect.objectContaining({
          code: 'ROLE_UNSET',
          role: 'engineer',
          message: expect.stringContaining('people.engineer'),
        }),
      )
  })

  test('when P0 would reach nobody who is woken by it', () => {
    const people = { manager: [notifier('slack', 'read'), notifier('file', 'record')], engineer: sms }
    expect(() => createPager({ people })).toThrow(
      expect.objectContaining({
        code: 'NO_WAKING_NOTIFIER',
        role: 'manager',
        message: expect.stringContaining('slack, file cannot'),
      }),
    )
  })

  test('when two notifiers of a role have one name, when a zone or a role does not exist', () => {
    expect(() => createPager({ people: { manager: [sms, sms], engineer: sms } })).toThrow(/second one named sms/)
    expect(() => createPager({ people: { manager: sms, engineer: sms }, timeZone: 'Mars/Olympus' })).toThrow(
      /^timeZone/,
    )
    expect(() => createPager({ people: { manager: sms, engineer: sms, 'a/b': sms } })).toThrow(/^people\.a\/b/)
  })

  test('when somebody behind a role is no notifier', () => {
    const cases: [unknown, RegExp][] = [
      [null, /^people\.manager\[1\]: has no name/],
      [{ name: 'pigeon', reach: 'wake' }, /^people\.manager\[1\]: is pigeon, which has no function send/],
      [{ ...sms, name: 'siren', reach: 'loud' }, /^people\.manager\[1\]\.reach: is loud/],
    ]
    for (const [odd, why] of cases) {
      const manager = [sms, odd as Notifier]
      expect(() => createPager({ people: { manager, engineer: sms } })).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT', message: expect.stringMatching(why) }),
      )
    }
    const unset = { manager: null as unknown as Notifier, engineer: sms }
    expect(() => createPager({ people: unset })).toThrow(expect.objectContaining({ code: 'ROLE_UNSET' }))
  })

  test('not when nobody keeps records, nor when one notifier serves two roles', () => {
    expect(createPager({ people: { manager: sms, engineer: sms } }).map(({ name }) => name)).toEqual(['pager', 'desk'])
  })
})

describe('routes', () => {
  test('are data: every time scales, nothing else does', () => {
    const fast = scaleRoutes(standardRoutes, 1 / 60)
    expect(fast.severities.P0.steps.map(({ afterMs }) => afterMs)).toEqual([0, 2_500, 5_000])
    expect(fast.severities.P1.steps[0]).toMatchObject({ afterOpeningMs: 1_000, to: ['manager'] })
    expect(fast.desk.cap).toEqual({ messages: 10, withinMs: 15_000 })
    expect(JSON.parse(JSON.stringify(standardRoutes))).toEqual(standardRoutes)
    expect(() => scaleRoutes(standardRoutes, 0)).toThrow(/^factor/)
  })

  test('a drill lives through five minutes in five seconds', async () => {
    const { house, all } = base({ pager: { routes: scaleRoutes(standardRoutes, 1 / 60) } })
    open(house, service, 'P0')
    await house.until(6)
    expect(all.by('sms').map(({ at }) => at.toFixed(2))).toEqual(['0.01', '2.50', '5.00'])
    expect(all.by('engineer-sms').map(({ at }) => at.toFixed(2))).toEqual(['5.01'])
  })
})

describe('what a pager forecasts', () => {
  test('every future page has its time and its reason, and asking changes nothing', async () => {
    const { house } = base()
    const incident = open(house, service, 'P0')
    await house.until(10)
    const before = house.events(incident).length
    const forecast = house.forecast(incident)
    expect(forecast.map(({ at, key }) => `${at} ${key}`)).toEqual([
      '150 page/manager/P0/remind/1',
      '300 page/engineer/P0/escalate/1',
      '300 page/manager/P0/escalate/1',
      '900 page/engineer/P0/repeat/1',
      '900 page/engineer/P0/call/1',
      '900 page/manager/P0/repeat/1',
      expect.stringMatching(/^900 escalation\/exhausted/),
    ])
    expect(forecast[1]!.why).toBe('P0: no acknowledgement: Engineer and Manager are paged')
    expect(house.events(incident)).toHaveLength(before)
  })
})

describe('what a page promises', () => {
  test('is what the ladder and the other parts will do, with times and seconds', async () => {
    const { house, all } = base({
      pager: { next: ({ openedAt }) => [{ at: openedAt + 10_000, what: 'rollback starts with machine 1 of 3' }] },
    })
    open(house, service, 'P0')
    await house.until(2)
    expect(
      all
        .by('sms')[0]!
        .page.text.split('\n')
        .filter((line) => line.startsWith('Next')),
    ).toEqual(
      [
        'Next        03:00:10 CET  rollback starts with machine 1 of 3',
        'Next        03:02:30 CET  no acknowledgement: Manager is paged again',
        'Next        03:05:00 CET  no acknowledgement: Engineer and Manager are paged',
        'Next        03:15:00 CET  no acknowledgement: Engineer and Manager are paged again, and every 10 min',
        'Next        03:15:00 CET  not mitigated: Engineer is paged at once',
      ].map((line) => line.replace('Next        ', 'Next   ')),
    )
  })

  test('says that nothing has changed as long as nothing has', async () => {
    const { house, all } = base()
    open(house, service, 'P0')
    await house.until(2)
    expect(all.by('sms')[0]!.page.text).toMatch(/^Done .*nothing changed yet$/m)
  })

  test('a template of your own that throws costs its words, not the page', async () => {
    const { house, all } = base({
      pager: {
        template() {
          throw new Error('undefined is not a function')
        },
      },
    })
    open(house, service, 'P0')
    await house.until(2)
    expect(all.by('sms')[0]!.page.title).toMatch(/^P0 hotdash-agent-service: 60% of requests fail/)
  })
})

describe('without a log', () => {
  test('every waking notifier of every role is used, and one that works is enough', async () => {
    const heard: string[] = []
    const keeping = (name: string) =>
      notifier(name, 'wake', async (page, { idempotencyKey }) => {
        heard.push(`${name} ${page.title} ${idempotencyKey}`)
        return { state: 'accepted' }
      })
    const broken = notifier('broken', 'wake', async () => {
      throw new NotifyError({ outcome: 'permanent', message: 'gone' })
    })
    const clock = createTestClock()
    const context = { clock, signal: new AbortController().signal }
    const alarm = {
      service,
      severity: 'P0' as const,
      title: 'log down, automation off',
      text: 'P0 seen',
      idempotencyKey: 'k',
    }
    const both = keeping('both')
    const [pager] = createPager({
      people: { manager: [both, broken, notifier('slack', 'read')], engineer: [both, keeping('b')] },
    })
    await clock.run(pager.alarm!(alarm, context))
    expect(heard).toEqual(['both log down, automation off k', 'b log down, automation off k'])

    const [deaf] = createPager({ people: { manager: broken, engineer: broken } })
    await expect(clock.run(deaf.alarm!(alarm, context))).rejects.toMatchObject({ code: 'PAGE_NOT_SENT' })
  })
})

test('what stands beside a page and cannot be had costs it that, and never the page', async () => {
  const broken = (): never => {
    throw new Error('boom')
  }
  const { house, times } = base({ pager: { next: broken, links: broken } })
  open(house, service, 'P0')
  await house.until(10)
  expect(times('sms').length).toBeGreaterThan(0)
})
