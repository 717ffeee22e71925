import type { Link, Notifier, Page, PageKind, PageState, Receipt, StreamId } from '@firebreak/core'
import { completePage } from '../page-draft.ts'
import { factsOf } from '../pager/facts.ts'
import { linkable } from '../text/escape.ts'
import type { About, SendEffect } from './effect.ts'
import { groupPage } from './group-page.ts'
import type { Pending } from './ledger.ts'
import type { Overview } from './overview.ts'
import { reachOf } from './targeting.ts'

export interface MessageOptions {
  readonly overview: Overview
  readonly notifier: Notifier
  readonly timeZone: string
  /** When it goes out. */
  readonly at: number
  /** The kind, where a waking target wants exactly one. */
  readonly kind?: PageKind | undefined
  /** These could not be sent before: one message stands for them all. */
  readonly heldBack?: boolean | undefined
  readonly digest?: boolean | undefined
  /** The key of a message that answered the same requests and may have arrived. */
  readonly repeats?: string | undefined
}

/** One message that answers all these requests: about one incident its newest text, about several a list that names them all. */
export function messageOf(requests: readonly Pending[], options: MessageOptions): SendEffect {
  const { overview, notifier, at } = options
  const incidents = [...new Set(requests.map(({ incident }) => incident))]
  const newest = incidents.map((incident) => newestOf(overview, requests, incident, at))
  const trigger = requests.findLast((pending) => pending.trigger)?.page.request
  const over = newest.every(({ request }) => request.kind === 'resolve')
  const reads = (notifier.reach ?? 'read') !== 'wake'
  const kind = options.kind ?? (trigger === undefined || (over && reads) ? newest[0]!.request.kind : 'trigger')
  const held = options.heldBack === true && requests.length > 1 ? requests.length : 0
  const page =
    newest.length === 1 && options.digest !== true
      ? singlePage(newest[0]!, kind, trigger ?? newest[0]!.request, held)
      : groupPage(newest, { kind, held, timeZone: options.timeZone, digest: options.digest === true })
  const about = newest.map(({ request: { incident, service, severity } }): About => ({
    incident,
    service,
    severity: newest.length === 1 ? page.severity : severity,
  }))
  const previous = newest.length === 1 ? previousOf(overview, newest[0]!, notifier.name) : undefined
  return {
    do: 'send',
    notifier: notifier.name,
    page,
    kind,
    reach: reachOf(notifier, kind),
    due: new Date(Math.min(...requests.map(({ page: { request } }) => Date.parse(request.due)))).toISOString(),
    requests: requests.map(({ id }) => id),
    about,
    failures: Math.max(...requests.map(({ failures }) => failures)),
    ...(previous === undefined ? {} : { previous }),
    ...(options.digest === true ? { digest: true } : {}),
    ...(options.repeats === undefined ? {} : { repeats: options.repeats }),
  }
}

/** What is known of an incident now, not what was known when the oldest request was made. */
function newestOf(overview: Overview, requests: readonly Pending[], incident: StreamId, at: number): PageState {
  let newest = requests.find((pending) => pending.incident === incident)!.page
  for (const page of overview.pagesOf(incident)) {
    const { request, withdrawn } = page
    if (withdrawn !== undefined || request.reach === 'record') continue
    if (Date.parse(request.due) <= at && request.due >= newest.request.due) newest = page
  }
  return newest
}

function singlePage({ request }: PageState, kind: PageKind, trigger: PageState['request'], held: number): Page {
  const { incident, code, service, title, text, markdown, to, due } = request
  const note = held === 0 ? '' : `\n(stands for ${held} messages that could not be sent before)`
  const { severity, reason } = kind === 'trigger' ? trigger : request
  return completePage({
    incident,
    code,
    service,
    severity,
    kind,
    title,
    text: `${text}${note}`,
    ...(markdown === undefined ? {} : { markdown: `${markdown}${note}` }),
    links: linksOf(request),
    at: due,
    to,
    reason,
  })
}

/** A thread of its own: messages about several incidents belong to none of them. */
function previousOf(overview: Overview, { request }: PageState, name: string): Receipt | undefined {
  let previous = factsOf(request).previous?.[name]
  for (const page of overview.pagesOf(request.incident)) {
    for (const { notifier, receipt, requests = [] } of page.sent)
      if (notifier === name && requests.every((id) => id.startsWith(`${request.incident}/`))) previous = receipt
  }
  return previous
}

function linksOf(request: PageState['request']): readonly Link[] {
  return (factsOf(request).links ?? []).filter(({ url }) => linkable(url) !== undefined)
}
