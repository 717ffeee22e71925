import type { RecordedEvent, StreamId } from '@firebreak/core'
import { emptyHead } from '../decide.ts'
import { IncidentLogError } from '../log-error.ts'
import { checkPrune, checkSnapshot, type Snapshot } from '../calls.ts'
import { checkStream } from '../prepare.ts'
import { canRedact, checkRedaction, redacted, redactionRecord } from '../redaction.ts'
import { checkRestored, planRestore } from '../restore.ts'
import type { LogRules } from '../rules.ts'
import type { StoredEvent } from '../stored.ts'
import { showsMore } from '../summary-change.ts'
import type { Hold } from './holding.ts'
import type { Query } from './pool.ts'
import type { Names } from './schema.ts'
import type { Store, TimedHead } from './store.ts'

/** Events that are dropped in one transaction, at most: others want to write meanwhile. */
const pruneBatch = 2_000

export interface MaintenanceOptions {
  readonly query: Query
  readonly hold: Hold
  readonly names: Names
  readonly rules: LogRules
  /** The streams were changed by other means than the writer's. */
  readonly changed: (streams: readonly StreamId[]) => void
}

/** What is done to a log now and then: redaction, retention, moving house, snapshots. */
export function createMaintenance({ query, hold, names, rules, changed }: MaintenanceOptions) {
  const { schema } = names

  async function redact(stream: StreamId, version: number, reason: string): Promise<void> {
    checkStream(stream, 'stream')
    checkRedaction(version, reason)
    const writes = rules.prepare([redactionRecord(stream, version, reason)])
    await hold([stream], async (inside, store) => {
      const ids = writes.flatMap((write) => write.events.map(({ id = '' }) => ({ name: stream, id })))
      const { heads, found } = await store.ask({ streams: [stream], ids, sinces: [] })
      const [stored] = await store.stream(stream, version, 1)
      if (!canRedact(stored?.version === version ? stored : undefined, stream, version) || stored === undefined) return
      const { data, dataDigest } = redacted(stored, reason)
      await inside(
        `UPDATE ${schema}.events SET data = $1, salt = NULL, data_digest = $2
          WHERE stream = (SELECT no FROM ${schema}.streams WHERE name = $3) AND version = $4`,
        [data, dataDigest, stream, version],
      )
      await inside(`DELETE FROM ${schema}.snapshots WHERE name = $1`, [stream])
      const head = () => heads.get(stream) ?? emptyHead
      const decision = rules.decide(writes, { head, find: () => found[0], movedBeyond: () => false })
      await write(store, decision.rows, decision.heads, heads)
    })
    changed([stream])
  }

  async function write(
    store: Store,
    rows: readonly StoredEvent[],
    moved: ReadonlyMap<StreamId, Omit<TimedHead, 'at'>>,
    before: ReadonlyMap<StreamId, TimedHead>,
  ): Promise<void> {
    const heads = new Map<StreamId, TimedHead>()
    for (const [stream, head] of moved)
      heads.set(stream, { ...head, at: rows.findLast((row) => row.stream === stream)?.at ?? '' })
    const stale = await store.append({
      streams: [...moved.keys()],
      ids: [],
      sinces: [],
      assumed: new Map([...moved.keys()].map((stream) => [stream, before.get(stream) ?? emptyHead])),
      rows,
      heads,
      incidents: [...moved].flatMap(([stream, { summary }]) =>
        showsMore(before.get(stream)?.summary, summary) ? [summary] : [],
      ),
    })
    if (stale.length > 0) throw new IncidentLogError('LOG_BUSY', `Postgres: ${stale.join(', ')} moved: try again`)
  }

  /** Marks first, then drops in small steps: nobody waits long, and a crash in between leaves nothing that is read. */
  async function prune(pruning: { resolvedBefore: string }) {
    const resolvedBefore = checkPrune(pruning)
    const found = await query(
      `SELECT s.name FROM ${schema}.streams s JOIN ${schema}.incidents i ON i.stream = s.no
        WHERE i.status = 'resolved' AND i.resolved_at < $1 AND NOT s.pruned`,
      [Date.parse(resolvedBefore)],
    )
    const streams = found.map((row) => String(row['name']))
    // Asked again while they are held: one that was reopened meanwhile keeps its events.
    const marked = await hold(streams, async (inside) =>
      inside(
        `UPDATE ${schema}.streams s SET pruned = true FROM ${schema}.incidents i
          WHERE i.stream = s.no AND s.name = ANY($1::text[]) AND i.status = 'resolved' AND NOT s.pruned RETURNING s.no`,
        [streams],
      ),
    )
    changed(streams)
    const over = await query(
      `SELECT s.no FROM ${schema}.streams s WHERE s.pruned AND EXISTS (SELECT FROM ${schema}.events e WHERE e.stream = s.no)`,
    )
    await query(`DELETE FROM ${schema}.snapshots n USING ${schema}.streams s WHERE s.name = n.name AND s.pruned`)
    let events = 0
    for (const { no } of over) events += await dropEvents(no)
    return { incidents: marked.length, events }
  }

  async function dropEvents(stream: unknown): Promise<number> {
    let dropped = 0
    for (let count = pruneBatch; count === pruneBatch; dropped += count) {
      const [row] = await query(
        `WITH dropped AS (DELETE FROM ${schema}.events WHERE position IN
            (SELECT position FROM ${schema}.events WHERE stream = $1 ORDER BY version LIMIT ${pruneBatch}) RETURNING 1)
          SELECT count(*) AS events FROM dropped`,
        [stream],
      )
      count = Number(row?.['events'])
    }
    return dropped
  }

  async function restore(events: readonly RecordedEvent[]): Promise<number> {
    checkRestored(events)
    const streams = [...new Set(events.map(({ stream }) => stream))]
    const added = await hold(streams, async (_query, store) => {
      const ids = events.map(({ stream, id }) => ({ name: stream, id }))
      const { heads, found } = await store.ask({ streams, ids, sinces: [] })
      const held = new Map<string, StoredEvent>()
      for (const stream of heads.keys())
        for (const row of await store.stream(stream, firstOf(events, stream), events.length))
          held.set(`${stream}\n${row.version}`, row)
      const plan = planRestore(events, {
        head: (stream) => heads.get(stream) ?? emptyHead,
        find: (stream, id) => found.find((row) => row.stream === stream && row.id === id),
        at: (stream, version) => held.get(`${stream}\n${version}`),
      })
      if (plan.rows.length > 0) await write(store, plan.rows, plan.heads, heads)
      return plan.rows.length
    })
    changed(streams)
    return added
  }

  async function getSnapshot(stream: StreamId): Promise<Snapshot | undefined> {
    const [row] = await query(`SELECT version, state FROM ${schema}.snapshots WHERE name = $1`, [stream])
    return row === undefined ? undefined : { version: Number(row['version']), state: String(row['state']) }
  }

  async function putSnapshot(stream: StreamId, snapshot: Snapshot): Promise<void> {
    const { version, state } = checkSnapshot(stream, snapshot)
    await query(
      `INSERT INTO ${schema}.snapshots AS s (name, version, state) VALUES ($1, $2, $3)
        ON CONFLICT (name) DO UPDATE SET version = excluded.version, state = excluded.state
        WHERE excluded.version >= s.version`,
      [stream, version, state],
    )
  }

  return { redact, prune, restore, getSnapshot, putSnapshot }
}

function firstOf(events: readonly RecordedEvent[], stream: StreamId): number {
  return events.find((event) => event.stream === stream)?.version ?? 1
}
