import type { RecordedEvent } from '@firebreak/core'
import type { TimelineRow } from './report.ts'
import { localTime, timelineEntries } from './timeline-entries.ts'

/** The machinery of an incident, told in a low voice, so that the turning points stay in sight. */
const routine = new Set([
  'signal.observed',
  'action.started',
  'action.renewed',
  'action.finished',
  'journal.appended',
  'ledger.charged',
  'ledger.settled',
  'page.requested',
])
/** A longer run of one kind is one row. */
const longestPlainRun = 3

export function timelineRows(events: readonly RecordedEvent[], timeZone: string): readonly TimelineRow[] {
  const rows = timelineEntries(events, { timeZone }).map(({ at, type, summary, id, stream, version }): TimelineRow => ({
    time: localTime(at, timeZone),
    type,
    text: summary,
    sources: [{ id, stream, version }],
    routine: routine.has(type),
  }))
  const runs: TimelineRow[][] = []
  for (const row of rows) {
    const run = runs.at(-1)
    if (run !== undefined && row.routine && run[0]?.type === row.type) run.push(row)
    else runs.push([row])
  }
  return runs.flatMap((run) => (run.length > longestPlainRun ? [together(run)] : run))
}

function together(run: readonly TimelineRow[]): TimelineRow {
  const first = run[0]!
  const last = run.at(-1)!
  return {
    time: first.time,
    type: first.type,
    text: `${run.length} in a row until ${last.time}; first ${first.text}; last ${last.text}`,
    sources: run.flatMap(({ sources }) => sources),
    routine: true,
    members: run,
  }
}
