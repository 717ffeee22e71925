import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite'
import type { StreamId } from '@firebreak/core'
import type { CheckedQuery, Listed } from '../query.ts'
import { damaged, type StoredEvent } from '../stored.ts'
import { summaryOf, toStored } from './store.ts'

/** What is read at once, at most. Nothing is held open between two pages, so that a slow reader hinders nobody. */
const page = { rows: 512, characters: 4_194_304 }

type Row = Record<string, SQLOutputValue>

export interface Positioned {
  readonly position: number
  readonly stored: StoredEvent
}

/** Pages of events and of summaries, each a consistent read of its own. */
export function createReader(database: DatabaseSync, path: string) {
  const ofStream = database.prepare(`
    SELECT * FROM events WHERE stream = (SELECT no FROM streams WHERE name = ? AND pruned_version IS NULL) AND version >= ? ORDER BY version LIMIT ?`)
  const ofAll = database.prepare(`
    SELECT s.name, e.* FROM events e LEFT JOIN streams s ON s.no = e.stream WHERE e.position > ? AND s.pruned_version IS NULL ORDER BY e.position LIMIT ?`)

  return {
    stream(stream: StreamId, from: number): readonly StoredEvent[] {
      return take(ofStream.iterate(stream, from, page.rows)).map((row) => toStored(row, stream))
    },
    all(after: number, limit: number): readonly Positioned[] {
      return take(ofAll.iterate(after, Math.min(limit, page.rows))).map((row) => ({
        position: Number(row['position']),
        stored: toStored(row, nameOf(row, `event ${Number(row['position'])}`)),
      }))
    },
    list(query: CheckedQuery, after: Listed | undefined, limit: number): readonly Listed[] {
      const { sql, values } = listStatement(query, after, Math.min(limit, page.rows))
      return database
        .prepare(sql)
        .all(...values)
        .flatMap((row): Listed[] => {
          const name = String(row['listed'])
          const summary = summaryOf(row, nameOf(row, name), path)
          return summary === undefined ? [] : [{ openedAt: Number(row['opened_at']), name, summary }]
        })
    },
  }

  /** Events are never kept without their stream: where it is gone, the file is damaged. */
  function nameOf(row: Row, what: string): StreamId {
    if (row['name'] === null) throw damaged(path, `the stream of ${what} is gone`)
    return String(row['name'])
  }
}

function take(rows: Iterable<Row>): readonly Row[] {
  const taken: Row[] = []
  let characters = 0
  for (const row of rows) {
    taken.push(row)
    characters += String(row['data']).length
    if (characters >= page.characters) break
  }
  return taken
}

/** By time, through one index; without resolved ones through the small index that holds nothing else. */
function listStatement({ service, statuses }: CheckedQuery, after: Listed | undefined, limit: number) {
  const conditions: string[] = []
  const values: SQLInputValue[] = []
  if (!statuses.includes('resolved')) conditions.push("i.status <> 'resolved'")
  if (statuses.length < 3) {
    conditions.push(`i.status IN (${statuses.map(() => '?').join(', ')})`)
    values.push(...statuses)
  }
  if (service !== undefined) {
    conditions.push('i.service = ?')
    values.push(service)
  }
  if (after !== undefined) {
    conditions.push('(i.opened_at, i.name) < (?, ?)')
    values.push(after.openedAt, after.name)
  }
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  const sql = `
    SELECT s.name, i.name AS listed, i.opened_at, i.summary, e.version, e.at FROM incidents i LEFT JOIN streams s ON s.no = i.stream
    LEFT JOIN events e ON e.stream = i.stream AND s.pruned_version IS NULL AND e.version = (SELECT max(version) FROM events WHERE stream = i.stream)
    ${where} ORDER BY i.opened_at DESC, i.name DESC LIMIT ?`
  values.push(limit)
  return { sql, values }
}
