import {
  deskStream,
  type Incident,
  type Link,
  type PageKind,
  type PageRequested,
  type Reach,
  type Receipt,
  type RecordAction,
  type Severity,
} from '@firebreak/core'
import type { NextStep, PageTemplate } from '../page/page-options.ts'
import { pageFor } from '../page/page-for.ts'
import { toJson } from './facts.ts'

/** What somebody is to be told. */
export interface Wanted {
  readonly id: string
  readonly identity: string
  readonly step: string
  readonly to: string
  readonly severity: Severity
  readonly kind: PageKind
  readonly reason: string
  readonly reach: Reach
  readonly channels: 'all' | 'first'
  readonly dueAt: number
  readonly why: string
  readonly because?: string | undefined
}

export interface Rendering {
  readonly now: number
  readonly timeZone: string
  /** What will happen, earliest first. */
  readonly next: () => readonly NextStep[]
  readonly links: readonly Link[]
  readonly template?: PageTemplate | undefined
}

/**
 * The decision to ask a role's desk for a page: the same event here and there, in one append. Rendered when it is recorded,
 * from what is recorded, so that two responders who decide at the same time say the same.
 */
export function requestAction(incident: Readonly<Incident>, wanted: Wanted, rendering: Rendering): RecordAction {
  const { id, dueAt, step } = wanted
  const { now } = rendering
  let made: RecordAction['record'] | undefined
  return {
    key: `page/${id}`,
    why: wanted.why,
    // A digest's request waits at the desk, so that it outlives the incident; all others are made when they are due.
    ...(dueAt > now && step !== 'digest' ? { notBefore: dueAt } : {}),
    // Most plans are looked at for their times only.
    get record() {
      return (made ??= recordOf(incident, wanted, rendering))
    },
  }
}

function recordOf(incident: Readonly<Incident>, wanted: Wanted, rendering: Rendering): RecordAction['record'] {
  const { to, severity, kind, reason, reach, dueAt, because } = wanted
  const request = `${incident.stream}/${wanted.id}`
  const desk = deskStream(to, Math.max(dueAt, rendering.now))
  const next = rendering.next().filter(({ at }) => at > dueAt)
  const page = pageFor(incident, {
    kind,
    reason,
    to,
    because,
    next,
    timeZone: rendering.timeZone,
    links: rendering.links,
    done: paged(incident),
    template: rendering.template,
    at: Math.max(dueAt, incident.lastEventAt),
  })
  const data: PageRequested = {
    request,
    incident: incident.stream,
    code: incident.code,
    service: incident.service,
    severity,
    to,
    kind,
    reason,
    reach,
    due: new Date(dueAt).toISOString(),
    onsetAt: new Date(incident.onsetAt).toISOString(),
    title: page.title,
    text: page.text,
    markdown: page.markdown,
    facts: toJson({
      identity: wanted.identity,
      step: wanted.step,
      desk,
      channels: wanted.channels,
      next: next.slice(0, 5).map(({ at, what }) => ({ at: new Date(at).toISOString(), what })),
      links: page.links,
      toldBy: toldBy(incident, to),
      previous: receiptsOf(incident, to),
    }),
  }
  const event = { id: request, type: 'page.requested', actor: 'pager', data } as const
  return { events: [event], tell: [{ to: desk, event }] }
}

/** 'paged manager (sms, slack)': who has been reached, by what. */
function paged({ pages }: Readonly<Incident>): string[] {
  const reached = new Map<string, Set<string>>()
  for (const { request, sent } of pages.values()) {
    if (request.kind !== 'trigger') continue
    for (const { notifier, reach } of sent) {
      if (reach === 'record') continue
      const names = reached.get(request.to) ?? new Set()
      reached.set(request.to, names.add(notifier))
    }
  }
  return Array.from(reached, ([role, names]) => `paged ${role} (${[...names].join(', ')})`)
}

function toldBy({ pages }: Readonly<Incident>, to: string): string[] {
  const names = new Set<string>()
  for (const { request, sent } of pages.values())
    if (request.to === to && request.kind === 'trigger') for (const { notifier } of sent) names.add(notifier)
  return [...names]
}

/** The newest receipt of each of the role's notifiers, from messages about this incident alone. */
function receiptsOf({ pages, stream }: Readonly<Incident>, to: string): Record<string, Receipt> {
  const receipts: Record<string, Receipt> = {}
  for (const { request, sent } of pages.values()) {
    if (request.to !== to) continue
    for (const { notifier, receipt, requests = [] } of sent)
      if (requests.every((id) => id.startsWith(`${stream}/`))) receipts[notifier] = receipt
  }
  return receipts
}
