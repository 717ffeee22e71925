import { isEvent, type RecordedEvent } from '@firebreak/core'

export interface PageCounts {
  /** Taken by a target, of whatever reach. */
  readonly sent: number
  /** Of these, the ones that wake. */
  readonly woke: number
  /** And the ones that only record. */
  readonly recorded: number
  readonly failed: number
  readonly withdrawn: number
  /** The longest time between a page's due time and its receipt, in milliseconds. */
  readonly slowestMs: number | null
}

export function countPages(events: Iterable<RecordedEvent>): PageCounts {
  let sent = 0
  let woke = 0
  let recorded = 0
  let failed = 0
  let withdrawn = 0
  let slowestMs: number | null = null
  for (const event of events) {
    if (event.type === 'page.failed') failed += 1
    if (event.type === 'page.withdrawn') withdrawn += 1
    if (!isEvent(event, 'page.sent')) continue
    sent += 1
    if (event.data.reach === 'wake') woke += 1
    if (event.data.reach === 'record') recorded += 1
    if (typeof event.data.delayMs === 'number') slowestMs = Math.max(slowestMs ?? 0, event.data.delayMs)
  }
  return { sent, woke, recorded, failed, withdrawn, slowestMs }
}
