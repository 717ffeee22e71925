import type { IncidentSummary, Position, StreamId } from '@firebreak/core'
import type { Head } from '../decide.ts'
import { limits } from '../limits.ts'
import { openedAt, type CheckedQuery, type Listed } from '../query.ts'
import { toSummary, type StoredEvent } from '../stored.ts'
import type { Query, Row } from './pool.ts'
import type { Names } from './schema.ts'

/** A head with the time of its last event, which its summary shows. */
export interface TimedHead extends Head {
  readonly at: string
}

export interface Questions {
  readonly streams: readonly StreamId[]
  readonly ids: readonly { readonly name: StreamId; readonly id: string }[]
  readonly sinces: readonly { readonly name: StreamId; readonly since: number; readonly ignoring: readonly string[] }[]
}

export interface Answers {
  readonly heads: ReadonlyMap<StreamId, TimedHead>
  readonly found: readonly StoredEvent[]
  /** For each of `sinces`: has the stream moved beyond what is ignored? */
  readonly moved: readonly boolean[]
}

/** What an append writes, and what it takes for granted about the streams. */
export interface Batch extends Questions {
  readonly assumed: ReadonlyMap<StreamId, Head>
  readonly rows: readonly StoredEvent[]
  readonly heads: ReadonlyMap<StreamId, TimedHead>
  /** Summaries of which a list shows something new. */
  readonly incidents: readonly IncidentSummary[]
}

export interface Positioned {
  readonly position: number
  readonly stored: StoredEvent
}

const eventColumns = `e.version, e.id, e.type, e.at, e.recorded_at, e.actor, e.causation_id, e.data, e.salt, e.data_digest, e.hash`

/** Events that are looked at in one step backwards. */
const lookBack = 1_000

/** Everything that is asked of the tables. Knows none of the rules. */
export function createStore(query: Query, { schema }: Names) {
  async function ask({ streams, ids, sinces }: Questions): Promise<Answers> {
    const questions = JSON.stringify({
      streams,
      ids,
      sinces: sinces.map((it, n) => ({ ...it, since: within(it.since), n })),
    })
    const [row] = await query(
      `SELECT
        (SELECT coalesce(json_agg(json_build_object('name', s.name, 'version', s.version, 'hash', s.hash, 'at', s.at,
            'pruned', s.pruned, 'summary', i.summary)), '[]')
          FROM ${schema}.streams s LEFT JOIN ${schema}.incidents i ON i.stream = s.no
          WHERE s.name IN (SELECT json_array_elements_text($1::json -> 'streams'))) AS heads,
        (SELECT coalesce(json_agg(found), '[]') FROM (SELECT s.name, ${eventColumns}
          FROM json_to_recordset($1::json -> 'ids') AS x (name text, id text)
          JOIN ${schema}.streams s ON s.name = x.name AND NOT s.pruned
          JOIN ${schema}.events e ON e.stream = s.no AND e.id = x.id) AS found) AS found,
        (SELECT coalesce(json_agg(x.n), '[]')
          FROM json_to_recordset($1::json -> 'sinces') AS x (n integer, name text, since integer, ignoring json)
          JOIN ${schema}.streams s ON s.name = x.name
          WHERE EXISTS (SELECT FROM ${schema}.events e WHERE e.stream = s.no AND e.version > x.since
            AND e.type NOT IN (SELECT json_array_elements_text(x.ignoring)))) AS moved`,
      [questions],
    )
    const { heads, found, moved } = (row ?? {}) as { heads: Row[]; found: Row[]; moved: number[] }
    return {
      heads: new Map(heads.map((head) => [String(head['name']), toHead(head)])),
      found: found.map((event) => toStored(event)),
      moved: sinces.map((_since, n) => moved.includes(n)),
    }
  }

  /** Gives the streams about which the batch was wrong; none: it is written. */
  async function append(batch: Batch, on: Query = query): Promise<readonly StreamId[]> {
    const { assumed, ids, sinces, rows, heads, incidents } = batch
    const text = JSON.stringify({
      streams: Array.from(assumed, ([name, { version, hash, pruned }]) => ({ name, version, hash, pruned })),
      ids,
      sinces,
      events: rows.map((row, n) => ({ n, ...row })),
      heads: Array.from(heads, ([name, { version, hash, at }]) => ({ name, version, hash, at })),
      incidents: incidents.map(incidentRow),
    })
    const [row] = await on(`SELECT ${schema}.append($1) AS stale`, [text])
    return row?.['stale'] as StreamId[]
  }

  async function stream(name: StreamId, from: number, limit: number): Promise<readonly StoredEvent[]> {
    const rows = await query(
      `SELECT s.name, ${eventColumns} FROM ${schema}.streams s JOIN ${schema}.events e ON e.stream = s.no
        WHERE s.name = $1 AND NOT s.pruned AND e.version >= $2 ORDER BY e.version LIMIT $3`,
      [name, within(from), limit],
    )
    return rows.map(toStored)
  }

  /** Only up to a position that is settled. */
  async function all(after: number, upTo: number, limit: number): Promise<readonly Positioned[]> {
    const rows = await query(
      `SELECT e.position, s.name, ${eventColumns} FROM ${schema}.events e JOIN ${schema}.streams s ON s.no = e.stream
        WHERE e.position > $1 AND e.position <= $2 AND NOT s.pruned ORDER BY e.position LIMIT $3`,
      [after, upTo, limit],
    )
    return rows.map((row) => ({ position: Number(row['position']), stored: toStored(row) }))
  }

  /** The last position that was given to anybody; what was given it may be under way, or have failed. */
  async function given(): Promise<number> {
    const [row] = await query(`SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM ${schema}.positions`)
    return Number(row?.['last'])
  }

  async function settled(): Promise<number> {
    const [row] = await query(`SELECT ${schema}.settled() AS upper`)
    return Number(row?.['upper'])
  }

  async function last(upTo: number): Promise<Position | undefined> {
    const [row] = await query(`SELECT max(position)::text AS last FROM ${schema}.events WHERE position <= $1`, [upTo])
    return text(row?.['last'])
  }

  async function streamsBetween(after: number, upTo: number): Promise<readonly StreamId[]> {
    const rows = await query(
      `SELECT DISTINCT s.name FROM ${schema}.events e JOIN ${schema}.streams s ON s.no = e.stream
        WHERE e.position > $1 AND e.position <= $2`,
      [after, upTo],
    )
    return rows.map((row) => String(row['name']))
  }

  /** Backwards from a position, as long as there is any in a page that was recorded since then, by the clock of its writer. */
  async function streamsRecordedSince(since: number, upTo: number): Promise<readonly StreamId[]> {
    const names = new Set<StreamId>()
    for (let [below, later] = [upTo, true]; later;) {
      const rows = await query(
        `SELECT e.position, s.name, e.recorded_at >= $3 AS later FROM ${schema}.events e JOIN ${schema}.streams s ON s.no = e.stream
          WHERE e.position <= $1 ORDER BY e.position DESC LIMIT $2`,
        [below, lookBack, new Date(since).toISOString()],
      )
      for (const row of rows) if (row['later'] === true) names.add(String(row['name']))
      later = rows.length === lookBack && rows.some((row) => row['later'] === true)
      below = Number(rows.at(-1)?.['position'] ?? 0) - 1
    }
    return [...names]
  }

  async function list(wanted: CheckedQuery, after: Listed | undefined, limit: number): Promise<readonly Listed[]> {
    const { conditions, values } = listConditions(wanted, after)
    const rows = await query(
      `SELECT i.name, i.opened_at, i.summary, s.version, s.at FROM ${schema}.incidents i JOIN ${schema}.streams s ON s.no = i.stream
        WHERE ${conditions} ORDER BY i.opened_at DESC, i.name DESC LIMIT ${limit}`,
      values,
    )
    return rows.flatMap((row): Listed[] => {
      const summary = summaryOf(row)
      return summary === undefined ? [] : [{ openedAt: Number(row['opened_at']), name: String(row['name']), summary }]
    })
  }

  return { ask, append, stream, all, given, settled, last, streamsBetween, streamsRecordedSince, list }
}

export type Store = ReturnType<typeof createStore>

function listConditions({ service, statuses }: CheckedQuery, after: Listed | undefined) {
  const conditions = ['true']
  const values: unknown[] = []
  const value = (it: unknown) => `$${values.push(it)}`
  if (!statuses.includes('resolved')) conditions.push("i.status <> 'resolved'")
  if (statuses.length < 3) conditions.push(`i.status = ANY(${value(statuses)}::text[])`)
  if (service !== undefined) conditions.push(`i.service = ${value(storable(service))}`)
  if (after !== undefined) conditions.push(`(i.opened_at, i.name) < (${value(after.openedAt)}, ${value(after.name)})`)
  return { conditions: conditions.join(' AND '), values }
}

function incidentRow(summary: IncidentSummary) {
  const { stream, service, status, resolvedAt } = summary
  const resolved = status === 'resolved' && resolvedAt !== undefined ? Date.parse(resolvedAt) : null
  const row = {
    name: stream,
    service: storable(String(service)),
    status,
    openedAt: openedAt(summary),
    resolvedAt: resolved,
  }
  return { ...row, summary: JSON.stringify(summary) }
}

/** A version as the tables can hold it; none is ever so high. */
function within(version: number): number {
  return Math.min(version, limits.version)
}

/** What a text of Postgres cannot hold is replaced: the column is only for finding, the summary keeps what was said. */
function storable(text: string): string {
  return text.replaceAll('\u0000', '\ufffd').toWellFormed()
}

function toHead(row: Row): TimedHead {
  const summary = summaryOf(row)
  const { version, hash, at, pruned } = row
  return { version: Number(version), hash: String(hash), at: String(at), summary, pruned: pruned === true }
}

/** The summary as of the last event: the row is only rewritten when more than time and version change. */
function summaryOf({ name, summary, version, at }: Row): IncidentSummary | undefined {
  if (typeof summary !== 'string') return undefined
  return { ...toSummary(summary, String(name), 'Postgres'), version: Number(version), updatedAt: String(at) }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function toStored(row: Row): StoredEvent {
  return {
    stream: String(row['name']),
    version: Number(row['version']),
    id: text(row['id']),
    type: String(row['type']),
    at: String(row['at']),
    recordedAt: String(row['recorded_at']),
    actor: String(row['actor']),
    causationId: text(row['causation_id']),
    data: String(row['data']),
    salt: text(row['salt']),
    dataDigest: text(row['data_digest']),
    hash: String(row['hash']),
  }
}
