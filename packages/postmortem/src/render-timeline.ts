import { InvalidInput, type RecordedEvent } from '@firebreak/core'
import { escapeMarkdown } from './escape.ts'
import { localTime, timelineEntries, type TimelineOptions } from './timeline-entries.ts'

export interface RenderTimelineOptions extends TimelineOptions {
  /** Default 'text': one line an event, for a terminal. 'markdown': a table. */
  readonly format?: 'text' | 'markdown' | undefined
}

/** The course of an incident, line by line: local time, type, sentence. */
export function renderTimeline(events: Iterable<RecordedEvent>, options: RenderTimelineOptions = {}): string {
  const { timeZone = 'UTC', format = 'text' } = options
  const entries = timelineEntries(events, { timeZone })
  const rows = entries.map(({ at, type, summary, version }) => ({
    time: localTime(at, timeZone),
    type,
    summary,
    version,
  }))
  if (format === 'text') {
    const width = Math.max(0, ...rows.map(({ type }) => type.length))
    return rows.map(({ time, type, summary }) => `${time}  ${type.padEnd(width)}  ${summary}`).join('\n')
  }
  if (format !== 'markdown') throw new InvalidInput('format', `is ${String(format)}; it must be text or markdown`)
  const lines = rows.map(
    ({ time, type, summary, version }) =>
      `| ${time} | ${escapeMarkdown(type)} | ${escapeMarkdown(summary)} | ${version} |`,
  )
  return ['| Time | Event | What happened | No. |', '|---|---|---|---|', ...lines].join('\n')
}
