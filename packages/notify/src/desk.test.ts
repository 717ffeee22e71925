import { describe, expect, test } from 'vitest'
import { NotifyError, type Notifier, type NotifyOutcome, type Page } from '@firebreak/core'
import { acknowledge, base, service } from './fixtures/base.ts'
import { open } from './fixtures/house.ts'

const error = (outcome: NotifyOutcome, retryAfterMs?: number) =>
  new NotifyError({ outcome, retryAfterMs, message: outcome })

describe('channels', () => {
  test('P0 goes by all waking channels at once, P1 by the first', async () => {
    const p0 = base({ more: (all) => [all.make('push', 'wake')] })
    open(p0.house, service, 'P0')
    await p0.house.until(5)
    expect([p0.times('sms'), p0.times('push')]).toEqual([[1], [1]])

    const p1 = base({ more: (all) => [all.make('push', 'wake')] })
    open(p1.house, service, 'P1', 0.2)
    await p1.house.until(14 * 60)
    expect([p1.times('sms'), p1.times('push')]).toEqual([[61], []])
  })

  test('P1 falls back to the next when the first refuses, or fails for longer than a hiccup', async () => {
    for (const outcome of ['permanent', 'transient'] as const) {
      const { house, times } = base({ sms: () => error(outcome), more: (all) => [all.make('push', 'wake')] })
      open(house, service, 'P1', 0.2)
      await house.until(120)
      expect(times('push')).toHaveLength(1)
      expect(times('push')[0]).toBeLessThan(90)
    }
  })

  test('P1 falls back when the first only accepted and nobody answered within 10 min', async () => {
    const accepting: Notifier = { name: 'pager', reach: 'wake', send: async () => ({ state: 'accepted' }) }
    const set = () =>
      base({ pager: {}, more: (all) => [accepting, all.make('push', 'wake')], sms: () => error('permanent') })
    const silent = set()
    open(silent.house, service, 'P1', 0.2)
    await silent.house.until(14 * 60)
    expect(silent.times('push')).toEqual([61 + 600])

    const answered = set()
    const incident = open(answered.house, service, 'P1', 0.2)
    await answered.house.until(120)
    acknowledge(answered.house, incident, 120, 'P1')
    await answered.house.until(14 * 60)
    expect(answered.times('push')).toEqual([])
  })

  test('a receipt that only says accepted is asked about until the target knows', async () => {
    const asked: number[] = []
    const { house } = base({
      more: () => [
        {
          name: 'carrier',
          reach: 'wake',
          send: async () => ({ state: 'accepted', id: 'm1' }),
          async confirm(receipt) {
            asked.push(house.now())
            return asked.length < 3 ? receipt : { ...receipt, state: 'delivered' }
          },
        },
      ],
    })
    const incident = open(house, service, 'P0')
    await house.until(149)
    expect(asked.map((at) => Math.round(at))).toEqual([31, 91])
    await house.until(260)
    expect(asked).toHaveLength(3)
    const delivered = house.events(incident).filter(({ type }) => type === 'page.delivered')
    expect(delivered.length).toBeGreaterThan(0)
    expect(delivered[0]!.data).toMatchObject({ to: 'manager', notifier: 'carrier', receipt: { state: 'delivered' } })
  })

  test('what the carrier lost counts as failed, and the next channel is used', async () => {
    const lossy: Notifier = {
      name: 'carrier',
      reach: 'wake',
      send: async () => ({ state: 'accepted', id: 'm1' }),
      async confirm() {
        throw error('permanent')
      },
    }
    const { house, times } = base({ sms: () => error('permanent'), more: (all) => [lossy, all.make('push', 'wake')] })
    const incident = open(house, service, 'P1', 0.2)
    await house.until(200)
    expect(times('push')).toHaveLength(1)
    expect(times('push')[0]).toBeLessThan(120)
    const failed = house.events(incident).filter(({ type }) => type === 'page.failed')
    expect(failed.map(({ data }) => (data as { notifier: string }).notifier)).toContain('carrier')
  })

  test('a channel that is down for minutes is tried again until it works', async () => {
    const { house, times } = base({ sms: (now) => (now < 200 ? error('transient') : undefined) })
    open(house, service, 'P0')
    await house.until(299)
    expect(times('sms')).toHaveLength(1)
    expect(times('sms')[0]).toBeGreaterThanOrEqual(200)
  })
})

test('what is to wake somebody goes out within a minute or so of its channel coming back, however long that took', async () => {
  const long = base({ sms: (now) => (now < 1_500 ? error('transient') : undefined) })
  open(long.house, service, 'P0')
  await long.house.until(1_575)
  expect(long.times('sms').length).toBeGreaterThan(0)
})

describe('a message that may have arrived', () => {
  test('is sent again under its key, and says so where the target cannot drop it; one that failed has a new key', async () => {
    // Whatever the attempts after it said: one that left it open is enough.
    for (const [first, outcome, keys] of [
      ['ambiguous', 'ambiguous', 1],
      ['ambiguous', 'transient', 1],
      ['transient', 'transient', 2],
    ] as const) {
      const kept: { key: string; title: string; at: number }[] = []
      const { house } = base({
        more: () => [
          {
            name: 'push',
            reach: 'wake',
            async send(page: Page, { idempotencyKey }) {
              kept.push({ key: idempotencyKey, title: page.title, at: house.now() })
              if (house.now() < 15) throw error(kept.length === 1 ? first : outcome)
              return { state: 'delivered' as const }
            },
          },
        ],
      })
      open(house, service, 'P0')
      await house.until(100)
      expect(new Set(kept.map(({ key }) => key)).size).toBe(keys)
      expect(kept.at(-1)!.at).toBeGreaterThan(15)
      expect(kept.at(-1)!.title.endsWith(' (repeated)')).toBe(keys === 1)
    }
  })
})

describe('a takeover', () => {
  test('sends the recorded message under the same key, and says that it may be a repetition', async () => {
    const kept: { key: string; title: string }[] = []
    let lost = true
    const { house } = base({
      more: () => [
        {
          name: 'push',
          reach: 'wake',
          send(page: Page, { idempotencyKey }) {
            kept.push({ key: idempotencyKey, title: page.title })
            return lost ? new Promise(() => undefined) : Promise.resolve({ state: 'delivered' as const })
          },
        },
      ],
    })
    const incident = open(house, service, 'P0')
    await house.until(2)
    house.crash()
    lost = false
    await house.until(60)
    expect(kept).toHaveLength(2)
    expect(kept[1]!.key).toBe(kept[0]!.key)
    expect(kept[1]!.title).toBe(`${kept[0]!.title} (repeated)`)
    const sent = house
      .events(incident)
      .filter(({ type }) => type === 'page.sent')
      .map(({ data }) => data)
    expect(sent).toContainEqual(expect.objectContaining({ notifier: 'push', repeated: true }))
  })

  test('says nothing where the target drops the repetition', async () => {
    const kept: string[] = []
    const { house } = base({
      more: () => [
        {
          name: 'push',
          reach: 'wake',
          deduplicates: true,
          send(page: Page) {
            kept.push(page.title)
            return kept.length === 1 ? new Promise(() => undefined) : Promise.resolve({ state: 'delivered' as const })
          },
        },
      ],
    })
    open(house, service, 'P0')
    await house.until(2)
    house.crash()
    await house.until(60)
    expect(kept[1]).toBe(kept[0])
  })
})

describe('a storm', () => {
  test('two services that fall ill in the same breath are one message that names both', async () => {
    const { house, all, times } = base()
    open(house, 'hotdash-agent-service', 'P0')
    open(house, 'hotdash-llamaindex-mcp', 'P0')
    await house.until(10)
    expect(times('sms')).toEqual([1])
    expect(all.by('sms')[0]!.page.title).toMatch(
      /^P0 2 services since 03:00 CET: hotdash-agent-service, hotdash-llamaindex-mcp/,
    )
  })

  test('the first P0 of a flood of P1s is told at once', async () => {
    const { house, times } = base()
    for (let index = 0; index < 20; index += 1) open(house, `noise-${index}`, 'P1', 0.2)
    await house.until(70)
    const before = times('sms').length
    expect(before).toBe(1)
    open(house, 'the-real-one', 'P0')
    await house.until(72)
    expect(times('sms').length).toBe(before + 1)
  })

  test('over the cap the rest comes in one message, and a P0 of a service nobody was told about passes', async () => {
    const cap = { messages: 3, withinMs: 900_000 }
    const { standardRoutes: routes } = await import('./routes/standard-routes.ts')
    const { house, all, times } = base({ pager: { routes: { ...routes, desk: { ...routes.desk, cap } } } })
    for (let index = 0; index < 6; index += 1) {
      await house.until(index * 400)
      const incident = open(house, `noise-${index}`, 'P1', 0.2)
      await house.until(index * 400 + 70)
      acknowledge(house, incident, 120, 'P1')
    }
    await house.until(2_400)
    const said = all.by('sms').map(({ page }) => `${page.title} ${page.text}`)
    for (let index = 0; index < 6; index += 1) expect(said.join(' ')).toContain(`noise-${index}`)
    for (const [index, at] of times('sms').entries())
      expect(at - (times('sms')[index - 3] ?? -Infinity)).toBeGreaterThanOrEqual(900)
    const before = times('sms').length
    open(house, 'the-real-one', 'P0')
    await house.until(2_402)
    expect(times('sms').length).toBe(before + 1)
  })

  test('an alert that stands for several incidents is closed when all of them are over', async () => {
    const kinds: string[] = []
    const alerts: Notifier = {
      name: 'alerts',
      reach: 'wake',
      quiet: ['acknowledge', 'resolve'],
      async send(page) {
        kinds.push(`${page.kind} ${page.incident}`)
        return { state: 'delivered' }
      },
    }
    const { house } = base({ more: () => [alerts] })
    const one = open(house, 'one', 'P0')
    const two = open(house, 'two', 'P0')
    await house.until(10)
    house.append(one, 'incident.resolved', { service: 'one', by: 'mia', why: 'fixed' })
    await house.until(20)
    expect(kinds).toEqual([`trigger ${one}`])
    house.append(two, 'incident.resolved', { service: 'two', by: 'mia', why: 'fixed' })
    await house.until(30)
    expect(kinds.slice(1).toSorted()).toEqual([`resolve ${one}`, `resolve ${two}`])
  })
})

describe('news', () => {
  test('never wake: a waking target gets only the kinds that it takes quietly', async () => {
    const { house, times, reasons, all } = base()
    const incident = open(house, service, 'P0')
    await house.until(10)
    acknowledge(house, incident)
    await house.until(20)
    house.append(incident, 'mitigation.finished', { service, action: 'by hand', outcome: 'verified', why: 'looked' })
    await house.until(30)
    house.append(incident, 'incident.resolved', { service, by: 'mia', why: 'fixed' })
    await house.until(60)
    expect(times('sms')).toEqual([1])
    expect(reasons('slack')).toEqual(['raise', 'acknowledged', 'verified', 'resolved'])
    expect(house.desk('manager').pages.size).toBe(4)
    expect(all.by('engineer-sms')).toEqual([])
  })

  test('carry the receipt of the message they continue, also on the next day', async () => {
    const previous: unknown[] = []
    const threads: Notifier = {
      name: 'threads',
      async send(_page, context) {
        previous.push(context.previous?.thread)
        return { state: 'delivered', thread: 't1' }
      },
    }
    const { house } = base({ startAt: Date.parse('2026-11-23T23:59:00Z'), more: () => [threads] })
    const incident = open(house, service, 'P0')
    await house.until(10)
    acknowledge(house, incident, 600)
    await house.until(7_200)
    house.append(incident, 'incident.resolved', { service, by: 'mia', why: 'fixed' })
    await house.until(7_300)
    expect(previous[0]).toBeUndefined()
    expect(new Set(previous.slice(1))).toEqual(new Set(['t1']))
  })
})

describe('a page that somebody takes on while it is being sent', () => {
  const untilFive = (now: number) => (now < 5 ? error('transient') : undefined)

  test('is not tried again', async () => {
    const { house, times } = base({ sms: untilFive })
    const incident = open(house, service, 'P0')
    await house.until(3)
    acknowledge(house, incident)
    await house.until(120)
    expect(times('sms')).toEqual([])
  })

  test('is not sent by whoever takes the claim over', async () => {
    const { house, times } = base({ sms: untilFive })
    const incident = open(house, service, 'P0')
    await house.until(3)
    house.crash()
    acknowledge(house, incident)
    await house.until(120)
    expect(times('sms')).toEqual([])
  })

  test('is not sent by a channel that comes back later than another woke him', async () => {
    const { house, times } = base({
      more: (all) => [all.make('push', 'wake')],
      sms: (now) => (now < 100 ? error('transient') : undefined),
    })
    const incident = open(house, service, 'P0')
    await house.until(60)
    acknowledge(house, incident)
    await house.until(300)
    expect([times('push'), times('sms')]).toEqual([[1], []])
  })

  test('is still opened where an alert may stand already, so that it can be closed', async () => {
    let lost = true
    const titles: string[] = []
    const { house } = base({
      more: () => [
        {
          name: 'alerts',
          reach: 'wake',
          deduplicates: true,
          quiet: ['acknowledge', 'resolve'],
          send(page: Page) {
            titles.push(page.kind)
            return lost ? new Promise(() => undefined) : Promise.resolve({ state: 'delivered' as const })
          },
        },
      ],
    })
    const incident = open(house, service, 'P0')
    await house.until(3)
    house.crash()
    lost = false
    acknowledge(house, incident)
    await house.until(120)
    expect(titles).toEqual(['trigger', 'trigger', 'acknowledge'])
  })
})
