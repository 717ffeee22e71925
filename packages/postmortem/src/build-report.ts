import type { RecordedEvent } from '@firebreak/core'
import { elapsed } from './elapsed.ts'
import { headsOf } from './heads.ts'
import { marksOf } from './marks.ts'
import type { MeasureOptions } from './measure-incident.ts'
import { blank, type Report, type Section } from './report.ts'
import { said } from './said.ts'
import { actionsSection, lessonsSection, questionsSection } from './sections/learning.ts'
import { type Material, materialOf } from './sections/material.ts'
import { causeSection, impactSection, summarySection } from './sections/overview.ts'
import { peopleSection } from './sections/people.ts'
import { mitigationSection, responseSection } from './sections/response.ts'
import { severitySpans } from './time-in-severity.ts'
import { timelineRows } from './timeline-rows.ts'

export function buildReport(events: Iterable<RecordedEvent>, timeZone: string, options: MeasureOptions): Report {
  const material = materialOf(events, timeZone, options)
  const { code, service, worst, status, incident, measures } = material
  return {
    title: `Post-mortem ${code}: ${service}`,
    code,
    service,
    incident,
    worst,
    status,
    lead: 'Draft, written from the incident log. Every fact names its event; what a person has to add is marked as a blank.',
    tiles: [
      { label: 'Worst level', value: worst },
      { label: 'Detected after', value: elapsed(measures.detectMs) },
      { label: 'Paged after', value: elapsed(measures.pageMs) },
      { label: 'Mitigated after', value: elapsed(measures.mitigateMs) },
      { label: 'Verified after', value: elapsed(measures.verifyMs) },
      { label: 'Resolved after', value: elapsed(measures.resolveMs) },
    ],
    chart: chartOf(material),
    sections: [
      summarySection(material),
      impactSection(material),
      causeSection(material),
      responseSection(material),
      mitigationSection(material),
      peopleSection(material),
      lessonsSection(material),
      actionsSection(material),
      questionsSection(material),
      {
        id: 'timeline',
        title: 'Timeline',
        blocks: [{ kind: 'timeline', rows: timelineRows(material.events, timeZone) }],
      },
      proofSection(material),
    ],
    timeZone,
  }
}

function chartOf({ events, measures, stamps }: Material): Report['chart'] {
  const onset = measures.onsetAt === null ? null : Date.parse(measures.onsetAt)
  const marks = marksOf(stamps, onset)
  const spans = severitySpans(events)
  const times = [...marks.map(({ at }) => at), ...spans.flatMap(({ from, until }) => [from, until])]
  const from = Math.min(...times)
  const until = Math.max(...times)
  return until > from ? { from, until, spans, marks } : null
}

function proofSection({ events }: Material): Section {
  const rows = headsOf(events).map(({ stream, version, hash, verdict }) => [
    { text: said(stream) },
    { text: String(version) },
    { text: said(hash) },
    { text: verdict },
  ])
  return {
    id: 'proof',
    title: 'Where this comes from',
    blocks: [
      {
        kind: 'table',
        caption: 'The heads of the log when this was written: keep them, and a changed history shows',
        head: ['Stream', 'Events', 'Head digest', 'Chain'],
        rows,
      },
      blank('Review', 'Authors, date of the review, who took part in it.'),
    ],
  }
}
