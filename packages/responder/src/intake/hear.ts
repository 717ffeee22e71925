import { writable, type Incident, type Signal } from '@firebreak/core'
import { fromRecord, remember } from './on-record.ts'
import type { Heard, WatchedService } from './watched-service.ts'

/** What was known of a signal's key before it was heard. */
export interface Remembered {
  readonly id: string
  readonly key: string
  /** What had been heard and was not on record. */
  readonly was: Heard | undefined
  /** Of the last word. */
  readonly saidAt: string | undefined
}

/**
 * Takes a signal in, and puts what was known before into `memory`. `undefined`: known, late or an echo; else what it means
 * for the record.
 */
export function hear(watched: WatchedService, signal: Signal, now: number, memory: Remembered[]): Heard | undefined {
  const { id, key } = signal
  const own = watched.heard.get(key)
  const recorded = watched.signals.get(key)
  if (watched.ids.has(id) || watched.recordIds.has(id)) return undefined
  remember(watched, id)
  memory.push({ id, key, was: own === undefined ? undefined : { ...own }, saidAt: (own ?? recorded)?.signal.at })
  const at = Date.parse(signal.at)
  const echo = watched.echoes.get(key)
  if (echo !== undefined && isLate(at, echo, now)) return undefined
  const known = own ?? (recorded === undefined ? undefined : fromRecord(recorded))
  if (known !== undefined && isLate(at + 1, Date.parse(known.signal.at), now)) return undefined
  const heard = known === undefined ? heardFirst(signal, now) : heardAgain(known, signal, now)
  if (heard !== own) watched.heard = writable(watched.heard).set(key, heard)
  return heard
}

function heardFirst(signal: Signal, now: number): Heard {
  return { signal, firstAt: now, lastAt: now, count: 1, recordedAt: 0, recorded: undefined, unrecorded: 1 }
}

function heardAgain(known: Heard, signal: Signal, now: number): Heard {
  if (known.signal.status !== signal.status) {
    known.recordedAt = 0
    // An onset is when it began to fire, not when it was first heard to be well.
    known.firstAt = now
    known.changedAt = now
  }
  known.signal = signal
  known.lastAt = now
  known.count += 1
  known.unrecorded += 1
  return known
}

/** Not later than the last word, unless that was of a time still to come: then the clock was set back, and the order counts. */
function isLate(at: number, last: number, now: number): boolean {
  return at <= last && last <= now
}

/** Not recorded is not heard: the sender will say it again. */
export function forgetAgain(watched: WatchedService, memory: readonly Remembered[]): void {
  for (const { id, key, was } of memory.toReversed()) {
    watched.ids.delete(id)
    if (was === undefined) watched.heard.delete(key)
    else watched.heard = writable(watched.heard).set(key, was)
  }
}

/**
 * What was said while an incident was being resolved, by this process or by another: it was heard before the end was, and
 * went with the rest. A word that is newer than the one before it counts; what the incident has on record was said before
 * its end, whoever says it again. Gives what counts.
 */
export function restate(
  watched: WatchedService,
  heard: readonly Heard[],
  memory: readonly Remembered[],
  ended: Readonly<Incident> | undefined,
  now: number,
): readonly Heard[] {
  if (heard.every((it) => watched.heard.get(it.signal.key) === it)) return heard
  const before = new Map(memory.toReversed().map(({ key, saidAt }) => [key, saidAt]))
  return heard.filter((it) => {
    const { id, key, at } = it.signal
    if (watched.heard.get(key) === it) return true
    if (ended?.signalIds.has(id) === true) return false
    const times = [before.get(key), ended?.signals.get(key)?.signal.at].flatMap((time) => time ?? [])
    const last = Math.max(...times.map((time) => Date.parse(time)))
    if (times.length > 0 && isLate(Date.parse(at), last, now)) return false
    if (times.length === 0) watched.echoes.delete(key)
    else watched.echoes = writable(watched.echoes).set(key, last)
    const anew = Object.assign(it, { firstAt: it.lastAt, count: 1, recordedAt: 0, unrecorded: 1 })
    watched.heard = writable(watched.heard).set(key, anew)
    return true
  })
}
