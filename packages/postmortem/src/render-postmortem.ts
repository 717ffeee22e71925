import { InvalidInput, type RecordedEvent } from '@firebreak/core'
import { buildReport } from './build-report.ts'
import { renderHtml } from './render-html.ts'
import { renderMarkdown } from './render-markdown.ts'
import type { Block } from './report.ts'

export interface PostmortemOptions {
  readonly format: 'markdown' | 'html'
  /** IANA name of the readers' zone. Default 'UTC'. */
  readonly timeZone?: string | undefined
  /** RFC 3339. When the trouble really began, where that is known better than from the log. */
  readonly onsetAt?: string | undefined
}

/**
 * The post-mortem of one incident, from its events. Deterministic: the same events give the same bytes. Each fact names its
 * event; what a person has to add (root cause, lessons, owners and dates) is marked as a blank, never filled in.
 */
export function renderPostmortem(events: Iterable<RecordedEvent>, options: PostmortemOptions): string {
  const { format, timeZone = 'UTC', onsetAt } = options
  if (format !== 'markdown' && format !== 'html')
    throw new InvalidInput('format', `is ${String(format)}; it must be markdown or html`)
  const report = buildReport(events, timeZone, { onsetAt })
  return format === 'markdown' ? renderMarkdown(report) : renderHtml(report)
}

/** What the document leaves to a person, in its order: one entry a blank. */
export function postmortemBlanks(events: Iterable<RecordedEvent>): readonly string[] {
  return buildReport(events, 'UTC', {}).sections.flatMap(({ blocks }) => blocks.flatMap(blanksOf))
}

function blanksOf(block: Block): readonly string[] {
  if (block.kind === 'blank') return [block.label]
  if (block.kind !== 'table') return []
  return block.rows.flatMap((row) => row.flatMap((cell) => ('blank' in cell ? [cell.blank] : [])))
}
