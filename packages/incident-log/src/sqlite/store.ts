import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { IncidentSummary, StreamId } from '@firebreak/core'
import type { Head } from '../decide.ts'
import { openedAt } from '../query.ts'
import { toSummary, type StoredEvent } from '../stored.ts'

/** A head, with the key of its stream in the tables; 0 where the stream has no row yet. */
export interface KeptHead extends Head {
  readonly no: number
}

type Row = Record<string, SQLOutputValue>

/** Every statement that an append or a read needs, prepared once. Knows the tables and none of the rules. */
export function createStore(database: DatabaseSync, path: string) {
  const headOf = database.prepare(`
    SELECT s.no, s.pruned_version, s.pruned_hash, e.version, e.hash, e.at, i.summary
    FROM streams s
    LEFT JOIN events e ON e.stream = s.no AND s.pruned_version IS NULL
      AND e.version = (SELECT max(version) FROM events WHERE stream = s.no)
    LEFT JOIN incidents i ON i.stream = s.no
    WHERE s.name = ?`)
  const byId = database.prepare('SELECT * FROM events WHERE id = ? AND stream = ?')
  const byVersion = database.prepare('SELECT * FROM events WHERE stream = ? AND version = ?')
  const namesSince = database.prepare(`
    SELECT DISTINCT s.name FROM events e JOIN streams s ON s.no = e.stream WHERE e.position > ?`)
  const typesSince = database.prepare('SELECT type FROM events WHERE stream = ? AND version > ?')
  const addStream = database.prepare('INSERT INTO streams (name) VALUES (?) RETURNING no')
  const addEvent = database.prepare(`
    INSERT INTO events (position, stream, version, id, type, at, recorded_at, actor, data, salt, hash)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const addWholeEvent = database.prepare(`
    INSERT INTO events (position, stream, version, id, type, at, recorded_at, actor, data, salt, hash, causation_id, data_digest)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const dropAfter = database.prepare('DELETE FROM events WHERE position > ?')
  const putIncident = database.prepare(`
    INSERT INTO incidents (stream, service, status, opened_at, resolved_at, name, summary) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (stream) DO UPDATE SET service = excluded.service, status = excluded.status,
      opened_at = excluded.opened_at, resolved_at = excluded.resolved_at, summary = excluded.summary`)
  const lastPosition = database.prepare(
    'SELECT max((SELECT last FROM positions), coalesce((SELECT max(position) FROM events), 0)) AS last',
  )
  const dataVersion = database.prepare('PRAGMA data_version')

  return {
    head(stream: StreamId): KeptHead | undefined {
      const row = headOf.get(stream)
      if (row === undefined) return undefined
      const no = Number(row['no'])
      const pruned = row['pruned_version'] !== null
      const version = Number((pruned ? row['pruned_version'] : row['version']) ?? 0)
      const hash = text(pruned ? row['pruned_hash'] : row['hash']) ?? ''
      return { no, version, hash, summary: summaryOf(row, stream, path), pruned }
    },
    find(no: number, stream: StreamId, id: string): StoredEvent | undefined {
      const row = byId.get(id, no)
      return row === undefined ? undefined : toStored(row, stream)
    },
    at(no: number, stream: StreamId, version: number): StoredEvent | undefined {
      const row = byVersion.get(no, version)
      return row === undefined ? undefined : toStored(row, stream)
    },
    streamsSince: (position: number): StreamId[] => namesSince.all(position).map((row) => String(row['name'])),
    movedBeyond(no: number, since: number, ignoring: readonly string[]): boolean {
      for (const row of typesSince.iterate(no, since)) if (!ignoring.includes(String(row['type']))) return true
      return false
    },
    addStream(stream: StreamId): number {
      return Number(addStream.get(stream)?.['no'])
    },
    addEvent(position: number, no: number, row: StoredEvent): void {
      const { version, id = null, type, at, recordedAt, actor, data, salt = null, hash, causationId, dataDigest } = row
      if (causationId === undefined && dataDigest === undefined)
        addEvent.run(position, no, version, id, type, at, recordedAt, actor, data, salt, hash)
      else
        addWholeEvent.run(
          position,
          no,
          version,
          id,
          type,
          at,
          recordedAt,
          actor,
          data,
          salt,
          hash,
          causationId ?? null,
          dataDigest ?? null,
        )
    },
    dropAfter: (position: number) => void dropAfter.run(position),
    putIncident(no: number, summary: IncidentSummary): void {
      const { stream, service, status, resolvedAt } = summary
      const resolved = status === 'resolved' && resolvedAt !== undefined ? Date.parse(resolvedAt) : null
      putIncident.run(no, String(service), status, openedAt(summary), resolved, stream, JSON.stringify(summary))
    },
    lastPosition: () => Number(lastPosition.get()?.['last']),
    /** Changes when another connection has committed. */
    dataVersion: () => Number(dataVersion.get()?.['data_version']),
  }
}

export type Store = ReturnType<typeof createStore>

function text(value: SQLOutputValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function toStored(row: Row, stream: StreamId): StoredEvent {
  return {
    stream,
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

/** The summary as of the last event: the row is only rewritten when more than time and version change. */
export function summaryOf(row: Row, stream: StreamId, path: string): IncidentSummary | undefined {
  const kept = text(row['summary'])
  if (kept === undefined) return undefined
  const summary = toSummary(kept, stream, path)
  const { version, at } = row
  return version === null ? summary : { ...summary, version: Number(version), updatedAt: String(at) }
}
