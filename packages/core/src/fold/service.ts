import type { RecordedEvent, StreamId } from '../recorded.ts'
import type { ServiceRecord } from '../service.ts'
import { apply, type Handlers } from './handlers.ts'
import { writable } from './sparse.ts'

const day = 24 * 60 * 60_000
/** How many changes of one key are kept: what the flap score looks back over. */
const flapMemory = 21

export function emptyService(stream: StreamId): ServiceRecord {
  return {
    kind: 'service',
    stream,
    version: 0,
    service: stream.slice(stream.indexOf('/') + 1),
    charges: [],
    quarantined: [],
    holds: new Map(),
    flaps: new Map(),
    statuses: new Map(),
    silences: new Map(),
  }
}

const handlers: Handlers<ServiceRecord> = {
  'ledger.charged'(record, { data }, at) {
    record.charges = record.charges.filter((charge) => charge.at > at - day)
    const { action, key, incident } = data
    record.charges.push({ action, key, at, ...(incident === undefined ? {} : { incident }) })
  },
  'ledger.settled'(record, { data }) {
    for (const charge of record.charges)
      if (charge.incident === data.incident && charge.action.startsWith(`${data.action}/`)) charge.over = true
  },
  'release.quarantined'(record, { data }, at) {
    const { image, digest, lifted = false } = data
    if (!lifted) {
      record.quarantined = [...record.quarantined, { ...data, at }]
      return
    }
    record.quarantined = record.quarantined.filter((bad) =>
      digest === undefined || bad.digest === undefined ? bad.image !== image : bad.digest !== digest,
    )
  },
  'hold.placed'(record, { data }, at) {
    record.holds = writable(record.holds).set(data.hold, { ...data, at })
  },
  'hold.released'(record, { data }) {
    record.holds.delete(data.hold)
  },
  'silence.placed'(record, { data }) {
    record.silences = writable(record.silences).set(data.key ?? '*', {
      silence: data.silence,
      until: Date.parse(data.until),
    })
  },
  'silence.lifted'(record, { data }) {
    for (const [key, { silence }] of record.silences) if (silence === data.silence) record.silences.delete(key)
  },
  'mitigation.finished'(record, { data }, at) {
    // A refuted suspicion: automation was wrong here, so for a day it asks first.
    if (data.outcome === 'refuted') record.approveUntil = at + day
  },
  'signal.observed'(record, { data }, at) {
    record.lastSignalAt = at
    const said = [{ ...data, status: data.felt ?? data.status }, ...(data.also ?? [])]
    for (const { key, status } of said) {
      if (record.statuses.get(key) === status) continue
      record.statuses = writable(record.statuses).set(key, status)
      record.flaps = writable(record.flaps).set(key, [...(record.flaps.get(key) ?? []), at].slice(-flapMemory))
    }
  },
}

/** Mutates and returns the record of `service/<name>`. */
export function applyServiceEvent(record: ServiceRecord, event: RecordedEvent): ServiceRecord {
  return apply(handlers, record, event)
}

export function reduceService(stream: StreamId, events: Iterable<RecordedEvent>): ServiceRecord {
  const record = emptyService(stream)
  for (const event of events) applyServiceEvent(record, event)
  return record
}
