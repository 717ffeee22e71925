import { said, sentence, when } from '../said.ts'
import type { Summaries } from './summary.ts'

/** What people did: answered, decided, stopped, noted. */
export const peopleSummaries: Summaries<
  | 'incident.acknowledged'
  | 'incident.acknowledgementLapsed'
  | 'incident.escalated'
  | 'severity.pinned'
  | 'approval.requested'
  | 'approval.granted'
  | 'approval.denied'
  | 'approval.expired'
  | 'hold.placed'
  | 'hold.released'
  | 'silence.placed'
  | 'silence.lifted'
  | 'note.added'
> = {
  'incident.acknowledged': ({ by, role, severity, until, via }, { time }) =>
    sentence([
      `${said(severity)} acknowledged by ${said(by)}${role === undefined ? '' : ` (${said(role)})`}`,
      when(via, 'via '),
      until !== undefined && `holds until ${time(until)}`,
    ]),
  'incident.acknowledgementLapsed': ({ by, severity }) =>
    `acknowledgement of ${said(severity)} by ${said(by)} lapsed without a note or an action`,
  'incident.escalated': ({ to, why, by }) =>
    `escalated to ${said(to)}: ${said(why)}${by === undefined ? '' : ` (by ${said(by)})`}`,
  'severity.pinned': ({ severity, by, reason }) =>
    sentence(
      [
        severity === null ? `pin removed by ${said(by)}` : `pinned to ${said(severity)} by ${said(by)}`,
        when(reason, ''),
      ],
      ': ',
    ),
  'approval.requested': ({ action, why, expiresAt }, { time }) =>
    `approval asked for ${said(action)}: ${said(why)}; expires ${time(expiresAt)}`,
  'approval.granted': ({ by, reason }) => sentence([`approved by ${said(by)}`, when(reason, '')], ': '),
  'approval.denied': ({ by, reason }) => sentence([`refused by ${said(by)}`, when(reason, '')], ': '),
  'approval.expired': ({ approval }) => `approval ${said(approval)} expired without an answer`,
  'hold.placed': ({ service, until, reason, by }, { time }) =>
    `acting on ${service === undefined ? 'everything' : said(service)} held by ${said(by)} ${
      until === undefined ? 'until released' : `until ${time(until)}`
    }: ${said(reason)}`,
  'hold.released': ({ service, by }) =>
    `hold on ${service === undefined ? 'everything' : said(service)} released by ${said(by)}`,
  'silence.placed': ({ key, until, reason, by }, { time }) =>
    `${key === undefined ? 'all signals' : said(key)} silenced by ${said(by)} until ${time(until)}: ${said(reason)}`,
  'silence.lifted': ({ silence, by }) => `silence ${said(silence)} lifted by ${said(by)}`,
  'note.added': ({ by, text }) => `note by ${said(by)}: ${said(text, 600)}`,
}
