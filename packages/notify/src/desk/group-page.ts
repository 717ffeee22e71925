import type { Page, PageKind, PageState } from '@firebreak/core'
import { completePage } from '../page-draft.ts'
import { factsOf } from '../pager/facts.ts'
import { escapeMarkdown } from '../text/escape.ts'
import { fitLine } from '../text/fit-text.ts'
import { formatMinute, formatTime } from '../text/local-time.ts'
import { worstOf } from './effect.ts'

export interface GroupOptions {
  readonly kind: PageKind
  readonly held: number
  readonly timeZone: string
  readonly digest: boolean
}

const roomForNames = 90
const mostSteps = 3

/** One message about several incidents. Every service is named, and nothing is left out; the worst comes first. */
export function groupPage(pages: readonly PageState[], { kind, held, timeZone, digest }: GroupOptions): Page {
  const requests = pages
    .map(({ request }) => request)
    .toSorted((left, right) => left.severity.localeCompare(right.severity))
  const first = requests[0]!
  const severity = worstOf(requests)
  const services = [...new Set(requests.map(({ service }) => service))]
  const onset = Math.min(...requests.map(({ onsetAt }) => Date.parse(onsetAt)))
  const count = digest ? `${requests.length} incidents` : `${services.length} services`
  const about = digest ? 'daily digest' : kind === 'resolve' ? 'resolved' : `since ${formatMinute(onset, timeZone)}`
  const lines = [
    `What   ${count}${digest ? '' : `, first at ${formatTime(onset, timeZone)}`}: ${services.join(', ')}`,
    ...requests.map(({ title }) => `       ${title}`),
    ...(digest ? [] : nextOf(requests, timeZone)),
    ...(held === 0 ? [] : [`Note   stands for ${held} messages that could not be sent before`]),
    `More   firebreak show ${requests
      .map(({ code }) => code)
      .filter(Boolean)
      .join(' ')}`,
  ]
  const text = lines.join('\n')
  return completePage({
    incident: first.incident,
    code: first.code,
    service: services.length === 1 ? first.service : `${first.service} and ${services.length - 1} more`,
    severity,
    kind,
    title: `${severity} ${count} ${about}: ${fitLine(services.join(', '), roomForNames)}`,
    text,
    markdown: escapeMarkdown(text),
    at: first.due,
    to: first.to,
    reason: digest ? 'digest' : 'group',
  })
}

/** What will happen, said once for all of them. */
function nextOf(requests: readonly PageState['request'][], timeZone: string): string[] {
  const said = new Map<string, number>()
  for (const request of requests) {
    for (const { at, what } of factsOf(request).next ?? []) {
      const time = Date.parse(at)
      said.set(what, Math.min(time, said.get(what) ?? time))
    }
  }
  return Array.from(said)
    .toSorted(([, left], [, right]) => left - right)
    .slice(0, mostSteps)
    .map(([what, at]) => `Next   ${formatTime(at, timeZone)}  ${what}`)
}
