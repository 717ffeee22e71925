import { elapsed } from '../elapsed.ts'
import { items, plural, said, sentence, when } from '../said.ts'
import type { Summaries } from './summary.ts'

/** Who was told, by what, and whether it arrived. */
export const pagingSummaries: Summaries<
  | 'page.requested'
  | 'page.withdrawn'
  | 'page.sent'
  | 'page.delivered'
  | 'page.failed'
  | 'digest.sent'
  | 'escalation.exhausted'
> = {
  'page.requested': ({ to, severity, reason, due, reach }, { time }) =>
    `page to ${said(to)} asked for at ${said(severity)} (${said(reason)}), due ${time(due)}${when(reach, ', must ') ?? ''}`,
  'page.withdrawn': ({ to, why }) => `page to ${said(to)} withdrawn: ${said(why)}`,
  'page.sent'({ to, notifier, receipt, reach, kind, delayMs, requests, repeated }) {
    const answered = items(requests).length
    return sentence([
      `${said(kind ?? 'page')} to ${said(to)} by ${said(notifier)}: ${said(receipt?.state ?? 'sent')}`,
      reachText(reach),
      typeof delayMs === 'number' && `${elapsed(delayMs)} after it was due`,
      answered > 1 && `one message for ${plural(answered, 'request')}`,
      repeated === true && 'may be a repetition',
    ])
  },
  'page.delivered': ({ to, notifier, receipt }) =>
    `page to ${said(to)} by ${said(notifier)} confirmed: ${said(receipt?.state ?? 'delivered')}`,
  'page.failed': ({ to, notifier, outcome, error, retryAt }, { time }) =>
    sentence(
      [
        `page to ${said(to)} by ${said(notifier)} failed (${said(outcome)}): ${said(error)}`,
        retryAt === undefined ? 'not tried again' : `again ${time(retryAt)}`,
      ],
      '; ',
    ),
  'digest.sent': ({ to, incidents, notifier }) =>
    sentence([`digest of ${plural(items(incidents).length, 'incident')} to ${said(to)}`, when(notifier, 'by ')], ' '),
  'escalation.exhausted': ({ severity, tried }) =>
    `everybody on the route was told and nobody answered (${said(severity)}; tried ${items(tried)
      .map((role) => said(role))
      .join(', ')})`,
}

function reachText(reach: string | undefined): string | undefined {
  if (reach === 'wake') return 'wakes'
  if (reach === 'record') return 'a record'
  return reach === 'read' ? 'to be read' : undefined
}
