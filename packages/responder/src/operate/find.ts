import {
  FirebreakError,
  InvalidInput,
  type Incident,
  type IncidentLog,
  type IncidentSummary,
  type StreamId,
} from '@firebreak/core'
import type { Streams } from '../loop/streams.ts'
import type { Followed } from '../loop/subject.ts'

export type OperateErrorCode =
  | 'UNKNOWN_INCIDENT'
  | 'INCIDENT_RESOLVED'
  | 'UNKNOWN_APPROVAL'
  | 'APPROVAL_USED'
  | 'PLAN_CHANGED'
  | 'UNKNOWN_HOLD'
  | 'UNKNOWN_SILENCE'

/** A person asked for something that cannot be done: says why and what can. */
export class OperateError extends FirebreakError<OperateErrorCode> {
  constructor(code: OperateErrorCode, message: string) {
    super({ code, message })
    this.name = 'OperateError'
  }
}

/** Finds an incident by its code (`7K42`), its stream (`incident/shop/3`) or its service (the newest one). */
export async function findIncident(log: IncidentLog, streams: Streams, id: string): Promise<Followed<Incident>> {
  return follow(streams, await streamOf(log, id), id)
}

/** The same for a look only: what is over, and nobody follows, is not followed from now on. */
export async function readIncident(log: IncidentLog, streams: Streams, id: string): Promise<Readonly<Incident>> {
  const stream = await streamOf(log, id)
  const followed = streams.known(stream) !== undefined
  const { state } = await follow(streams, stream, id)
  if (!followed && state.status === 'resolved') streams.drop(stream)
  return state
}

async function follow(streams: Streams, stream: StreamId, id: string): Promise<Followed<Incident>> {
  const found = await streams.incident(stream)
  if (found.state.version > 0) return found
  streams.drop(stream)
  throw unknown(id)
}

async function streamOf(log: IncidentLog, id: string): Promise<StreamId> {
  if (typeof id !== 'string') throw new InvalidInput('id', 'is missing: give a code, a stream or a service')
  const wanted = id.trim()
  if (/^incident\/[^/]+\/\d+$/.test(wanted)) return wanted
  const summary = await newestMatching(log, wanted)
  if (summary === undefined) throw unknown(id)
  return summary.stream
}

function unknown(id: string): OperateError {
  return new OperateError(
    'UNKNOWN_INCIDENT',
    `there is no incident ${id.trim().slice(0, 80)}; list them with: firebreak status`,
  )
}

async function newestMatching(log: IncidentLog, id: string): Promise<IncidentSummary | undefined> {
  for await (const summary of log.list({ limit: 10_000 })) {
    if (summary.code === id.toUpperCase() || summary.service === id) return summary
  }
  return undefined
}
