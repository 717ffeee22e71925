import { severities } from '@firebreak/core'
import { elapsed } from '../elapsed.ts'
import { type Block, type Cell, fact, type Section } from '../report.ts'
import { plural } from '../said.ts'
import type { Material } from './material.ts'

export const stepNames = {
  detect: 'Detected',
  page: 'Paged',
  acknowledge: 'Acknowledged',
  mitigate: 'Mitigated',
  verify: 'Verified',
  resolve: 'Resolved',
} as const

export function responseSection({ measures, said: tell }: Material): Section {
  const durations = measures.measures.map(({ name, ms, rule, at, event }): readonly Cell[] => [
    { text: stepNames[name] },
    { text: elapsed(ms) },
    {
      text: at === null ? 'unknown' : tell.time(at),
      ...(event === null ? {} : { sources: [{ ...event, stream: measures.incident }] }),
    },
    { text: rule },
  ])
  const levels = severities
    .filter((level) => measures.timeInSeverityMs[level] > 0)
    .map((level): readonly Cell[] => [{ text: level }, { text: elapsed(measures.timeInSeverityMs[level]) }])
  const { sent, woke, recorded, failed, withdrawn, slowestMs } = measures.pages
  const slow = slowestMs === null ? '' : ` The slowest arrived ${elapsed(slowestMs)} after it was due.`
  const pages = `${plural(sent, 'message')} went out: ${woke} to wake, ${sent - woke - recorded} to be read, ${recorded} for the record; ${failed} failed, ${withdrawn} were withdrawn.${slow}`
  const blocks: Block[] = [
    { kind: 'table', caption: 'How long it took', head: ['Step', 'After the onset', 'When', 'Rule'], rows: durations },
    {
      kind: 'table',
      caption: 'Time at each level, from one assessment to the next, until the resolution or the last event',
      head: ['Level', 'Time'],
      rows: levels,
    },
    fact(pages, ...tell.all('page.sent'), ...tell.all('page.failed'), ...tell.all('page.withdrawn')),
    fact(
      measures.unacknowledgedMs === null
        ? 'It is unknown how long nobody had acknowledged.'
        : `The longest time without an acknowledgement was ${elapsed(measures.unacknowledgedMs)}.`,
      ...tell.all('incident.acknowledged'),
    ),
    ...tell.all('incident.escalated').map((event) => fact(`${capital(tell.event(event))}.`, event)),
  ]
  return { id: 'response', title: 'Detection and response', blocks }
}

export function mitigationSection({ said: tell, events }: Material): Section {
  const told = new Set([
    'evidence.captured',
    'rollback.planned',
    'unit.updated',
    'guard.refused',
    'mitigation.finished',
    'rollback.verified',
    'rollback.failed',
    'release.quarantined',
    'approval.requested',
    'approval.granted',
    'approval.denied',
    'approval.expired',
    'hold.placed',
    'hold.released',
    'incident.mitigated',
    'incident.resolved',
    'incident.reopened',
  ])
  const facts = events
    .filter(({ type }) => told.has(type))
    .map((event) => fact(`${capital(tell.event(event))}.`, event))
  const blocks = facts.length > 0 ? facts : [fact('Nothing was done to the service by the responder.')]
  return { id: 'mitigation', title: 'Mitigation and resolution', blocks }
}

/** A sentence begins with a capital; a version (v3) or a name (rollback/v3) keeps its own letters. */
export function capital(text: string): string {
  return /^[a-z]+(?:[ :,]|$)/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text
}
