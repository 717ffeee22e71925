import type { StreamId } from '@firebreak/core'
import { earliest } from '../earliest.ts'
import { isIncident } from './streams.ts'
import type { Followed } from './subject.ts'

/** What is due within so many milliseconds stays in memory. */
const soonMs = 5_000

/**
 * Incidents that need not be in memory: of which nothing is due soon and nothing is under way, as many as there are more than
 * `most`, those first that have been there longest. What the log holds of them is read again when there is something to do.
 */
export function quietOnes(all: Iterable<Followed>, most: number, now: number): readonly StreamId[] {
  const incidents = Array.from(all).filter(isIncident)
  const quiet: StreamId[] = []
  for (const incident of incidents) {
    if (incidents.length - quiet.length <= most) break
    if (isQuiet(incident, now)) quiet.push(incident.stream)
  }
  return quiet
}

function isQuiet(followed: Followed, now: number): boolean {
  const { state, mailbox, rest, news } = followed
  if (rest === undefined || news || !mailbox.idle || (dueAt(followed) ?? Infinity) <= now + soonMs) return false
  if (state.kind !== 'service')
    for (const { finished } of state.actions.values()) if (finished === undefined) return false
  return true
}

/** When it is looked at next, if nothing happens; milliseconds since the epoch. */
export function dueAt({ planAt, lookAt }: Followed): number | undefined {
  return earliest(planAt, lookAt)
}
