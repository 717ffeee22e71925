import {
  InvalidInput,
  type IncidentQuery,
  type IncidentStatus,
  type IncidentSummary,
  type StreamId,
} from '@firebreak/core'
import { checkSignal } from './prepare.ts'

export interface CheckedQuery {
  readonly service: string | undefined
  readonly statuses: readonly IncidentStatus[]
  readonly limit: number
  readonly signal: AbortSignal | undefined
}

const allStatuses: readonly IncidentStatus[] = ['open', 'mitigated', 'resolved']

export function checkQuery(query: IncidentQuery): CheckedQuery {
  if (typeof query !== 'object' || query === null) throw new InvalidInput('query', 'must be an object')
  const { service, status = allStatuses, limit, signal } = query
  if (service !== undefined && typeof service !== 'string') throw new InvalidInput('service', 'must be a text')
  if (!Array.isArray(status)) throw new InvalidInput('status', `must be an array of ${allStatuses.join(', ')}`)
  if (signal !== undefined) checkSignal(signal)
  const unknown = status.find((it) => !allStatuses.includes(it))
  if (unknown !== undefined)
    throw new InvalidInput('status', `'${String(unknown)}' is none of ${allStatuses.join(', ')}`)
  return {
    service,
    statuses: allStatuses.filter((it) => status.includes(it)),
    limit: checkLimit(limit),
    signal,
  }
}

export function checkLimit(limit: unknown): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 0)
    throw new InvalidInput('limit', 'must be a whole number, 0 or more')
  return limit
}

/** A row of the list, with its place by which it goes on: by the columns, since a damaged summary may say another one. */
export interface Listed {
  readonly openedAt: number
  readonly name: StreamId
  readonly summary: IncidentSummary
}

/** When an incident was opened, as a number to sort by; 0 where a foreign writer gave no readable time. */
export function openedAt(summary: IncidentSummary): number {
  const time = Date.parse(summary.openedAt)
  return Number.isNaN(time) ? 0 : time
}

/** Newest first; of two opened in the same millisecond the later name first, by its bytes as UTF-8, in every store. */
export function newestFirst(one: IncidentSummary, other: IncidentSummary): number {
  return openedAt(other) - openedAt(one) || Buffer.compare(Buffer.from(other.stream), Buffer.from(one.stream))
}
