import type { Incident, StreamId } from '@firebreak/core'
import { earliest } from '../earliest.ts'
import { isIncident, type Streams } from './streams.ts'
import type { Followed } from './subject.ts'

/** What is due within so many milliseconds stays in memory. */
const soonMs = 5_000

/** How often it is looked, at most; in milliseconds. */
const everyMs = 1_000

/**
 * Memory is for what there is something to do for. Of incidents of which nothing is due soon and nothing is under way, as many
 * as there are more than `most` are let go, those first that have been there longest; what the log holds of them is read again
 * when it is needed.
 */
export function createTidy(
  streams: Streams,
  most: number,
): (now: number, mayGo: (stream: StreamId) => boolean) => void {
  let lastAt = -Infinity
  return function tidy(now, mayGo) {
    if (streams.size <= most || (now >= lastAt && now < lastAt + everyMs)) return
    lastAt = now
    const incidents = Array.from(streams.all()).filter(isIncident)
    let left = incidents.length - most
    for (const incident of incidents) {
      if (left <= 0) return
      if (!isQuiet(incident, now) || !mayGo(incident.stream)) continue
      streams.putAside(incident.stream)
      left -= 1
    }
  }
}

function isQuiet(followed: Followed<Incident>, now: number): boolean {
  const { state, mailbox, rest, news, stale } = followed
  if (rest === undefined || news || stale || !mailbox.idle || (dueAt(followed) ?? Infinity) <= now + soonMs)
    return false
  for (const { finished } of state.actions.values()) if (finished === undefined) return false
  return true
}

/** When it is looked at next, if nothing happens; milliseconds since the epoch. */
export function dueAt({ planAt, lookAt }: Followed): number | undefined {
  return earliest(planAt, lookAt)
}
