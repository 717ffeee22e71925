import { FirebreakError, InvalidInput, type Incident, type IncidentLog, type IncidentSummary } from '@firebreak/core'
import type { Streams } from '../loop/streams.ts'
import type { Followed } from '../loop/subject.ts'

export type OperateErrorCode =
  | 'UNKNOWN_INCIDENT'
  | 'INCIDENT_RESOLVED'
  | 'UNKNOWN_APPROVAL'
  | 'APPROVAL_USED'
  | 'PLAN_CHANGED'
  | 'UNKNOWN_HOLD'

/** A person asked for something that cannot be done: says why and what can. */
export class OperateError extends FirebreakError<OperateErrorCode> {
  constructor(code: OperateErrorCode, message: string) {
    super({ code, message })
    this.name = 'OperateError'
  }
}

/** Finds an incident by its code (`7K42`), its stream (`incident/shop/3`) or its service (the newest one). */
export async function findIncident(log: IncidentLog, streams: Streams, id: string): Promise<Followed<Incident>> {
  if (typeof id !== 'string') throw new InvalidInput('id', 'is missing: give a code, a stream or a service')
  const wanted = id.trim()
  if (/^incident\/[^/]+\/\d+$/.test(wanted)) {
    const found = await streams.incident(wanted)
    if (found.state.version > 0) return found
    streams.drop(wanted)
  } else {
    const summary = await newestMatching(log, wanted)
    if (summary !== undefined) return streams.incident(summary.stream)
  }
  throw new OperateError(
    'UNKNOWN_INCIDENT',
    `there is no incident ${wanted.slice(0, 80)}; list them with: firebreak status`,
  )
}

async function newestMatching(log: IncidentLog, id: string): Promise<IncidentSummary | undefined> {
  for await (const summary of log.list({ limit: 10_000 })) {
    if (summary.code === id.toUpperCase() || summary.service === id) return summary
  }
  return undefined
}
