import type { Incident, Page } from '@firebreak/core'
import { cleanLine } from '../text/clean-text.ts'
import { escapeMarkdown } from '../text/escape.ts'
import { checkTimeZone, formatMinute, isInstant } from '../text/local-time.ts'
import { completePage } from '../page-draft.ts'
import { figuresOf } from './figures.ts'
import { factLines } from './fact-lines.ts'
import { span } from './numbers.ts'
import type { PageForOptions } from './page-options.ts'

/**
 * What a person is told about an incident: level, service, figure and since in the first 110 characters, then what, since,
 * why, done, next. Total: facts that cannot be rendered are left out, and the worst case is one plain line.
 */
export function pageFor(incident: Readonly<Incident>, options: PageForOptions = {}): Page {
  const timeZone = checkTimeZone(options.timeZone ?? 'UTC')
  const page = rendered(incident, { ...options, timeZone })
  if (options.template === undefined) return page
  try {
    return completePage({ ...page, ...options.template(page, incident) })
  } catch {
    // Paging fails open: a broken template costs its words, not the page.
    return page
  }
}

function rendered(incident: Readonly<Incident>, options: PageForOptions & { timeZone: string }): Page {
  const basics = {
    incident: incident.stream,
    service: cleanLine(incident.service) || 'unknown service',
    severity: incident.severity ?? incident.worst ?? 'P3',
    kind: options.kind ?? 'trigger',
    ...(incident.code ? { code: incident.code } : {}),
    ...(options.to === undefined ? {} : { to: options.to }),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
    ...atOf(options.at ?? incident.lastEventAt),
  } as const
  try {
    const lines = factLines(incident, options)
    const markdown = lines.map(({ label, text }) => `**${label}** ${escapeMarkdown(text)}`).join('  \n')
    return completePage({
      ...basics,
      title: titleOf(incident, options),
      text: aligned(lines),
      markdown,
      links: options.links ?? [],
    })
  } catch {
    const title = `${basics.severity} ${basics.service}: incident ${incident.code ?? ''} needs you`
    return completePage({ ...basics, title, text: `Look at it: firebreak show ${incident.code ?? ''}`.trim() })
  }
}

/** Level, service, figure and since come first: a lock screen shows about 110 characters. */
function titleOf(
  incident: Readonly<Incident>,
  { kind, reason, timeZone, because }: PageForOptions & { timeZone: string },
): string {
  const severity = incident.severity ?? incident.worst ?? 'P3'
  const service = incident.service.length > 50 ? `${incident.service.slice(0, 49)}…` : incident.service
  const code = incident.code ? ` [${incident.code}]` : ''
  if (kind === 'resolve') {
    const at = incident.resolvedAt ?? incident.lastEventAt
    const lasted = incident.onsetAt > 0 && at > incident.onsetAt ? ` after ${span(at - incident.onsetAt)}` : ''
    return `${incident.worst ?? severity} ${service}: resolved at ${formatMinute(at, timeZone)}${lasted}${code}`
  }
  if (kind === 'acknowledge')
    return `${severity} ${service}: acknowledged by ${incident.acknowledgement?.by ?? 'somebody'}${code}`
  if (reason === 'verified') {
    const ill = `ill since ${formatMinute(incident.onsetAt, timeZone)}`
    return `${severity} ${service}: ${because ?? 'verified'} at ${formatMinute(incident.verifiedAt ?? incident.lastEventAt, timeZone)}; ${ill}${code}`
  }
  const figure = figuresOf(incident)[0]?.brief ?? 'needs attention'
  const since = `since ${formatMinute(incident.onsetAt, timeZone)}`
  const after =
    incident.suspicion?.verdict === 'suspected' && incident.suspicion.release !== undefined
      ? `, after release v${incident.suspicion.release.version}`
      : ''
  const what = `${severity} ${service}: ${figure} ${since}${after}`
  const why = because === undefined || reason === 'raise' ? '' : `. ${because}`
  return `${what}${why}${code}`
}

function aligned(lines: readonly { readonly label: string; readonly text: string }[]): string {
  const width = Math.max(...lines.map(({ label }) => label.length)) + 2
  return lines.map(({ label, text }) => `${label.padEnd(width)}${text}`).join('\n')
}

function atOf(at: number): { at?: string } {
  return isInstant(at) && at > 0 ? { at: new Date(at).toISOString() } : {}
}
