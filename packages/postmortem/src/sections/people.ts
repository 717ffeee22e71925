import { isEvent, type RecordedEvent } from '@firebreak/core'
import { fact, type Section, type Source } from '../report.ts'
import { said } from '../said.ts'
import type { Material } from './material.ts'

/** Who took part, by what the log says they did. */
export function peopleSection({ events }: Material): Section {
  const deeds = new Map<string, { what: Set<string>; sources: Source[] }>()
  for (const event of events) {
    const deed = deedOf(event)
    if (deed === undefined) continue
    const known = deeds.get(deed.who) ?? { what: new Set(), sources: [] }
    known.what.add(deed.what)
    known.sources.push(event)
    deeds.set(deed.who, known)
  }
  const rows = [...deeds].map(([who, { what, sources }]) => [{ text: who }, { text: [...what].join(', '), sources }])
  return {
    id: 'people',
    title: 'Responders',
    blocks:
      rows.length === 0
        ? [fact('The log names nobody who took part.')]
        : [{ kind: 'table', caption: 'Who took part, by what the log says they did', head: ['Who', 'What'], rows }],
  }
}

function deedOf(event: RecordedEvent): { readonly who: string; readonly what: string } | undefined {
  if (isEvent(event, 'page.sent'))
    return event.data.reach === 'record' ? undefined : { who: said(event.data.to), what: 'was paged' }
  if (isEvent(event, 'incident.escalated')) return { who: said(event.data.to), what: 'was escalated to' }
  const what = deeds[event.type]
  const { by } = event.data as { readonly by?: unknown }
  return what === undefined || by === undefined ? undefined : { who: said(by), what }
}

const deeds: Readonly<Partial<Record<string, string>>> = {
  'incident.acknowledged': 'acknowledged',
  'severity.pinned': 'pinned the severity',
  'approval.granted': 'approved',
  'approval.denied': 'refused an approval',
  'hold.placed': 'held acting',
  'hold.released': 'released a hold',
  'silence.placed': 'silenced signals',
  'note.added': 'noted',
  'incident.resolved': 'resolved',
}
