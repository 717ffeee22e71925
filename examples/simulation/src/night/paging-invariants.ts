import { compareSeverity, isEvent, type PageRequested } from '@firebreak/core'
import { answersOf, at, desksOf, incidentsOf, when, type Invariant } from './record.ts'

const second = 1_000
const minute = 60 * second

/** Every page that was asked for was sent, or withdrawn with a reason. */
export const noPageLost: Invariant = (night) =>
  desksOf(night).flatMap(({ desk }) =>
    Array.from(desk.pages.values()).flatMap(({ request, sentAt, withdrawn }) => {
      if (request.kind !== 'trigger' || sentAt !== undefined || withdrawn !== undefined) return []
      // A cap or a pause may hold a page back, for as long as they last.
      const patience = night.routes.desk.cap.withinMs + 3 * minute
      return Date.parse(request.due) + patience < night.endedAt ? [`${request.request} was never sent`] : []
    }),
  )

/** What the log calls sent has arrived, unless the channel lied. */
export const sentIsArrived: Invariant = (night) => {
  const keys = new Set([...night.arrived.map(({ channel, key }) => `${channel} ${key}`), ...night.swallowed])
  return desksOf(night).flatMap(({ events }) =>
    events.flatMap((event) =>
      isEvent(event, 'page.sent') && !keys.has(`${event.data.notifier} ${event.data.receipt.id}`)
        ? [`${event.data.notifier} has no ${event.data.title ?? event.id}`]
        : [],
    ),
  )
}

/** One message for one request on one channel. What a channel denies is asked for again; what it leaves open, under its key. */
export const noPageTwice: Invariant = (night) => {
  const twice: string[] = []
  const keys = new Map<string, string>()
  const answers = answersOf(night)
  for (const { channel, key, page } of night.arrived) {
    const requests = answers.get(key)
    if (requests === undefined || night.denied.has(`${channel} ${key}`)) continue
    const name = `${channel} ${requests}`
    if ((keys.get(name) ?? key) !== key) twice.push(`${channel} got ${page.title} under two keys`)
    keys.set(name, key)
  }
  const seen = new Set<string>()
  for (const { channel, key, page } of night.arrived) {
    if (seen.has(`${channel} ${key}`)) twice.push(`${channel} got ${page.title} twice`)
    seen.add(`${channel} ${key}`)
  }
  const receipts = new Map<string, string>()
  for (const { events } of desksOf(night))
    for (const event of events) {
      if (!isEvent(event, 'page.sent')) continue
      for (const request of event.data.requests ?? []) {
        const name = `${request} by ${event.data.notifier}`
        const receipt = event.data.receipt.id ?? ''
        if ((receipts.get(name) ?? receipt) !== receipt) twice.push(`${name} was sent as two messages`)
        receipts.set(name, receipt)
      }
    }
  return twice
}

const ladder = new Set(['raise', 'remind', 'escalate', 'repeat'])
const endsCover = new Set([
  'incident.reopened',
  'incident.acknowledgementLapsed',
  'incident.escalated',
  'mitigation.finished',
  'guard.refused',
  'approval.requested',
  'approval.expired',
  'rollback.failed',
  'action.finished',
])

/** Who took it on is left in peace: no rung of the same level is asked for until something new happens. */
export const noPageAfterAcknowledgement: Invariant = (night) =>
  incidentsOf(night).flatMap(({ events }) => {
    let cover: { severity: PageRequested['severity']; until: number } | undefined
    return events.flatMap((event) => {
      if (isEvent(event, 'incident.acknowledged')) {
        cover = { severity: event.data.severity, until: Date.parse(event.data.until) }
        return []
      }
      const failed = isEvent(event, 'action.finished') && event.data.outcome === 'done'
      const raised =
        isEvent(event, 'incident.assessed') &&
        cover !== undefined &&
        compareSeverity(event.data.severity, event.data.previous ?? null) < 0
      if ((endsCover.has(event.type) && !failed) || raised) cover = undefined
      if (!isEvent(event, 'page.requested') || cover === undefined || at(event) >= cover.until) return []
      const { kind, reason, severity, request } = event.data
      // Something new woke people, or will: a refusal has its moment of grace. Their ladder begins anew.
      if (kind === 'trigger' && event.data.reach === 'wake' && !ladder.has(reason)) cover = undefined
      if (cover === undefined) return []
      const covered = kind === 'trigger' && ladder.has(reason) && compareSeverity(severity, cover.severity) >= 0
      return covered ? [`${request} was asked for after its acknowledgement`] : []
    })
  })

/** A waking channel sends no more than its cap in any span; only the first P0 of a service passes it. What it does not admit cannot be counted, and paging fails open. */
export const capsHold: Invariant = (night) => {
  const { messages, withinMs } = night.routes.desk.cap
  const byChannel = Map.groupBy(
    night.arrived.filter(
      ({ reach, page, channel, key }) =>
        reach === 'wake' &&
        page.kind === 'trigger' &&
        page.incident !== '' &&
        !night.unadmitted.has(`${channel} ${key}`),
    ),
    ({ channel }) => channel,
  )
  return Array.from(byChannel).flatMap(([channel, pages]) =>
    pages.flatMap(({ at: time }) => {
      // A takeover, or a channel that lied, may date a message a little later than it was planned.
      const many = pages.filter((it) => it.at >= time && it.at < time + withinMs - 90 * second)
      return many.length > messages + 1 ? [`${channel} rang ${many.length} times from ${when(time)} on`] : []
    }),
  )
}
