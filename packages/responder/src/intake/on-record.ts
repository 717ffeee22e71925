import { writable, type Incident, type SignalState } from '@firebreak/core'
import { hasFigure } from './figures.ts'
import { noIds, noSignals, words, type Heard, type WatchedService } from './watched-service.ts'

/** How many ids are remembered to drop repetitions, a service. */
const idMemory = 10_000

/** Goes on where the log stands: after a restart, or when another responder opened first. */
export function seed(watched: WatchedService, incident: Readonly<Incident>): void {
  const { number, reopened, version, signals } = incident
  const { newest, round, seeded } = watched
  if (newest === number && round === reopened && seeded === version && watched.signals === signals) return
  // Others have ended what was heard here, and something else has begun since: all of it may be read at once.
  if (newest !== 0 && (number > newest || (number === newest && reopened > round))) close(watched)
  begin(watched, number, reopened)
  takeUp(watched, incident)
  watched.seeded = version
  for (const [key, state] of signals) {
    const own = watched.heard.get(key)
    if (own !== undefined && Date.parse(own.signal.at) >= Date.parse(state.signal.at)) leaveToRecord(watched, own)
    else if (hasFigure(state.signal.symptoms)) watched.heard = writable(watched.heard).set(key, fromRecord(state))
    else if (own !== undefined) watched.heard.delete(key)
  }
}

function takeUp(watched: WatchedService, { signals, signalIds }: Readonly<Incident>): void {
  watched.signals = signals
  watched.recordIds = signalIds
}

/** What has been recorded as it was heard, with so many events, is not kept twice. */
export function settle(
  watched: WatchedService,
  heard: readonly Heard[],
  incident: Readonly<Incident>,
  events = 1,
): void {
  const { number, reopened, status, version } = incident
  // What an end has made over is not taken up again.
  if (status === 'resolved' || number !== watched.newest || reopened !== watched.round) return
  takeUp(watched, incident)
  if (watched.seeded === version - events) watched.seeded = version
  for (const it of heard) leaveToRecord(watched, it)
}

/** Figures are kept as they were heard: how often is counted in a row, and others count for themselves. */
function leaveToRecord(watched: WatchedService, heard: Heard): void {
  const { id, key, at } = heard.signal
  const recorded = watched.signals.get(key)?.signal
  if (recorded?.id !== id || recorded.at !== at) return
  watched.ids.delete(id)
  heard.signal = heard.recorded = recorded
  const plain = heard.unrecorded === 0 && heard.felt === undefined && !hasFigure(recorded.symptoms)
  if (plain && watched.heard.get(key) === heard) watched.heard.delete(key)
}

/** As if nothing of it were on record: the record is going to be another one. */
export function takeOver(watched: WatchedService): void {
  for (const [key, state] of watched.signals)
    if (!watched.heard.has(key)) watched.heard = writable(watched.heard).set(key, fromRecord(state))
  leaveRecord(watched)
}

function leaveRecord(watched: WatchedService): void {
  for (const id of watched.recordIds) remember(watched, id)
  watched.signals = noSignals
  watched.recordIds = noIds
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

/** What was said before is over, and only later words count. */
function close(watched: WatchedService): void {
  for (const { signal } of words(watched))
    watched.echoes = writable(watched.echoes).set(signal.key, Date.parse(signal.at))
  leaveRecord(watched)
  watched.heard.clear()
  watched.severity = undefined
  watched.closed = { number: watched.newest, round: watched.round }
}

/** The incident is resolved. Once for each of its rounds: what is heard after an end is no part of it. */
export function end(watched: WatchedService, { number, reopened }: Readonly<Incident>): void {
  const { closed } = watched
  if (closed.number === number && closed.round === reopened) return
  begin(watched, number, reopened)
  close(watched)
}

export function remember(watched: WatchedService, id: string): void {
  watched.ids = writable(watched.ids).add(id)
  if (watched.ids.size <= idMemory) return
  const [oldest] = watched.ids
  if (oldest !== undefined) watched.ids.delete(oldest)
}
