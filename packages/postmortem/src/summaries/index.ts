import type { EventType, RecordedEvent } from '@firebreak/core'
import { said } from '../said.ts'
import { causeSummaries } from './cause.ts'
import { incidentSummaries } from './incident.ts'
import { mitigationSummaries } from './mitigation.ts'
import { pagingSummaries } from './paging.ts'
import { peopleSummaries } from './people.ts'
import type { Summaries, Telling } from './summary.ts'

const summaries: Summaries<EventType> = {
  ...incidentSummaries,
  ...causeSummaries,
  ...peopleSummaries,
  ...pagingSummaries,
  ...mitigationSummaries,
}

/** The event in one sentence of plain text. Unknown types and data of another shape are shown as they are, never dropped. */
export function summarizeEvent(event: RecordedEvent, telling: Telling): string {
  if (event.dataDigest !== undefined) return `redacted: ${said(Object(event.data).redacted)}`
  const summary = summaryOf(event.type)
  if (summary === undefined) return said(event.data, 300)
  try {
    return summary(Object(event.data), telling)
  } catch {
    return said(event.data, 300)
  }
}

function summaryOf(type: string): ((data: object, telling: Telling) => string) | undefined {
  return Object.hasOwn(summaries, type)
    ? (summaries[type as EventType] as (data: object, telling: Telling) => string)
    : undefined
}
