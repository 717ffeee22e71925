import { writable, type Incident, type SignalState } from '@firebreak/core'
import { noIds, noSignals, words, type Heard, type WatchedService } from './watched-service.ts'

/** How many ids are remembered to drop repetitions, a service. */
const idMemory = 10_000

/** Goes on where the log stands: after a restart, or when another responder opened first. */
export function seed(watched: WatchedService, incident: Readonly<Incident>): void {
  const { number, reopened, version, signals } = incident
  const { newest, round, seeded } = watched
  if (newest === number && round === reopened && seeded === version && watched.signals === signals) return
  // Others have ended what was heard here, and something else has begun since: all of it may be read at once.
  if (watched.newest !== 0 && (number > watched.newest || (number === watched.newest && reopened > watched.round)))
    close(watched)
  begin(watched, number, reopened)
  takeUp(watched, incident)
  watched.seeded = version
  for (const it of watched.heard.values()) {
    const recorded = watched.signals.get(it.signal.key)?.signal
    if (recorded === undefined) continue
    if (Date.parse(it.signal.at) < Date.parse(recorded.at)) watched.heard.delete(it.signal.key)
    else leaveToRecord(watched, it)
  }
}

function takeUp(watched: WatchedService, { signals, earlierIds }: Readonly<Incident>): void {
  watched.signals = signals
  watched.earlierIds = earlierIds
}

/** What has been recorded as it was heard is not kept twice. */
export function settle(watched: WatchedService, heard: readonly Heard[], incident: Readonly<Incident>): void {
  if (incident.number !== watched.newest || incident.reopened !== watched.round) return
  takeUp(watched, incident)
  for (const it of heard) leaveToRecord(watched, it)
}

function leaveToRecord(watched: WatchedService, heard: Heard): void {
  const { id, key, at } = heard.signal
  const recorded = watched.signals.get(key)?.signal
  if (recorded?.id !== id || recorded.at !== at) return
  watched.ids.delete(id)
  heard.signal = heard.recorded = recorded
  const plain = heard.unrecorded === 0 && heard.felt === undefined
  if (plain && watched.heard.get(key) === heard) watched.heard.delete(key)
}

/** As if nothing of it were on record: the record is going to be another one. */
export function takeOver(watched: WatchedService): void {
  for (const [key, state] of watched.signals)
    if (!watched.heard.has(key)) watched.heard = writable(watched.heard).set(key, fromRecord(state))
  leaveRecord(watched)
}

function leaveRecord(watched: WatchedService): void {
  for (const id of watched.earlierIds) remember(watched, id)
  for (const { signal } of watched.signals.values()) remember(watched, signal.id)
  watched.signals = noSignals
  watched.earlierIds = noIds
  watched.seeded = 0
}

export function fromRecord({ signal, firstAt, lastAt, count }: Readonly<SignalState>): Heard {
  // Written out: a copy by spreading is two objects.
  return { signal, firstAt, lastAt, count, recordedAt: lastAt, recorded: signal, unrecorded: 0 }
}

/** From here on it is about this incident, in this round. */
export function begin(watched: WatchedService, number: number, reopened: number): void {
  if (number < watched.newest) return
  watched.newest = number
  watched.round = reopened
}

/** After a resolution: what was said before is over, and only later words count. */
export function close(watched: WatchedService): void {
  for (const { signal } of words(watched))
    watched.echoes = writable(watched.echoes).set(signal.key, Date.parse(signal.at))
  leaveRecord(watched)
  watched.heard.clear()
  watched.severity = undefined
}

export function remember(watched: WatchedService, id: string): void {
  watched.ids = writable(watched.ids).add(id)
  if (watched.ids.size <= idMemory) return
  const [oldest] = watched.ids
  if (oldest !== undefined) watched.ids.delete(oldest)
}
