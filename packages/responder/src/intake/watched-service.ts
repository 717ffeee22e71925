import { sparse, writable, type Incident, type Signal, type SignalState } from '@firebreak/core'
import type { SeverityState } from '@firebreak/severity'

/** A signal as this process has heard it: with the repetitions that were not worth an append. */
export interface Heard extends SignalState {
  /** When it was last recorded, in milliseconds; 0: never. */
  recordedAt: number
  /** What was last recorded of it, by whomever: worse is news to those who hear by the log alone. */
  recorded: Signal | undefined
  /** Repetitions since. */
  unrecorded: number
  /** When it last changed between firing and resolved, in milliseconds. */
  changedAt?: number
  /** Its status against the level of the incident: a figure far below it is as good as over. */
  felt?: Signal['status']
}

/** What this process remembers of a service between appends. Lost in a crash, it costs one observation. */
export interface WatchedService {
  readonly name: string
  heard: Map<string, Heard>
  ids: Set<string>
  /** The number of its newest incident; 0: none yet. */
  newest: number
  /** How often that one had been reopened when its signals were taken over. */
  round: number
  /** The last times of the keys of the incident before: what is not later is a late echo. */
  echoes: Map<string, number>
  severity: SeverityState | undefined
  /** The level as judged while the log takes nothing. */
  unlogged: SeverityState | undefined
  /** When its incident was judged last, in milliseconds, and what people had said until then. */
  judged: { readonly at: number; readonly told: string }
  /** How many of its incident's signals have been taken over from the log. */
  seeded: number
}

/** How many ids are remembered to drop repetitions, a service. */
const idMemory = 10_000

export function watchedService(name: string): WatchedService {
  return sparse({
    name,
    heard: new Map(),
    ids: new Set(),
    newest: 0,
    round: 0,
    echoes: new Map(),
    severity: undefined,
    unlogged: undefined,
    judged: { at: 0, told: '' },
    seeded: 0,
  })
}

/** Goes on where the log stands: after a restart, or when another responder opened first. */
export function seed(watched: WatchedService, incident: Readonly<Incident>): void {
  const { number, reopened } = incident
  if (watched.newest === number && watched.round === reopened && watched.seeded === incident.signalIds.size) return
  // Others have ended what was heard here, and something else has begun since: all of it may be read at once.
  if (watched.newest !== 0 && (number > watched.newest || (number === watched.newest && reopened > watched.round)))
    close(watched)
  begin(watched, number, reopened)
  watched.seeded = incident.signalIds.size
  for (const [key, state] of incident.signals) {
    const known = watched.heard.get(key)
    if (known !== undefined && Date.parse(known.signal.at) >= Date.parse(state.signal.at)) continue
    const { signal, firstAt, lastAt, count } = state
    // Written out: a copy by spreading is two objects.
    const heard = { signal, firstAt, lastAt, count, recordedAt: lastAt, recorded: signal, unrecorded: 0 }
    watched.heard = writable(watched.heard).set(key, heard)
  }
}

/** From here on it is about this incident, in this round. */
export function begin(watched: WatchedService, number: number, reopened: number): void {
  if (number < watched.newest) return
  watched.newest = number
  watched.round = reopened
}

/** After a resolution: what was said before is over, and only later words count. */
export function close(watched: WatchedService): void {
  for (const [key, { signal }] of watched.heard)
    watched.echoes = writable(watched.echoes).set(key, Date.parse(signal.at))
  watched.heard.clear()
  watched.severity = undefined
  watched.seeded = 0
}

/** Takes a signal in. `undefined`: known, late or an echo; else what it means for the record. */
export function hear(watched: WatchedService, signal: Signal, now: number): Heard | undefined {
  if (watched.ids.has(signal.id)) return undefined
  remember(watched, signal.id)
  const at = Date.parse(signal.at)
  const echo = watched.echoes.get(signal.key)
  if (echo !== undefined && isLate(at, echo, now)) return undefined
  const known = watched.heard.get(signal.key)
  if (known === undefined) {
    const heard: Heard = {
      signal,
      firstAt: now,
      lastAt: now,
      count: 1,
      recordedAt: 0,
      recorded: undefined,
      unrecorded: 1,
    }
    watched.heard = writable(watched.heard).set(signal.key, heard)
    return heard
  }
  if (isLate(at + 1, Date.parse(known.signal.at), now)) return undefined
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

function remember(watched: WatchedService, id: string): void {
  watched.ids = writable(watched.ids).add(id)
  if (watched.ids.size <= idMemory) return
  const [oldest] = watched.ids
  if (oldest !== undefined) watched.ids.delete(oldest)
}

/** What was known of a signal's key before it was heard. */
export interface Remembered {
  readonly id: string
  readonly key: string
  readonly was: Heard | undefined
}

/** To be asked before `hear`. */
export function remembered(watched: WatchedService, { id, key }: Signal): Remembered {
  const heard = watched.heard.get(key)
  return { id, key, was: heard === undefined ? undefined : { ...heard } }
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
  const before = new Map(memory.toReversed().map(({ key, was }) => [key, was?.signal.at]))
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
