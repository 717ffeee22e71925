import type { RecordedEvent, StreamId } from '@firebreak/core'
import { checkPrune, checkSnapshot, type Snapshot } from '../calls.ts'
import { checkStream } from '../prepare.ts'
import { canRedact, checkRedaction, redacted, redactionRecord } from '../redaction.ts'
import { planRestore } from '../restore.ts'
import type { LogRules } from '../rules.ts'
import { createEmptying, type EmptyingOptions } from './empty-write-ahead-log.ts'
import type { Writer } from './writer.ts'

/** Events that are dropped, and incidents that are marked, in one transaction, at most: others want to write meanwhile. */
const pruneBatch = 1_000
const markBatch = 200

export interface MaintenanceOptions extends EmptyingOptions {
  readonly writer: Writer
  readonly rules: LogRules
}

/** What is done to a log now and then: redaction, retention, moving house, snapshots. */
export function createMaintenance({ writer, rules, ...options }: MaintenanceOptions) {
  const { database } = options
  const blank = database.prepare(`
    UPDATE events SET data = ?, salt = NULL, data_digest = ?
    WHERE stream = (SELECT no FROM streams WHERE name = ?) AND version = ?`)
  const prunable = database.prepare(`
    SELECT i.stream, i.name FROM incidents i JOIN streams s ON s.no = i.stream
    WHERE i.status = 'resolved' AND i.resolved_at < ? AND s.pruned_version IS NULL LIMIT ?`)
  const leftOver = database.prepare(`
    SELECT no FROM streams WHERE pruned_version IS NOT NULL AND EXISTS (SELECT 1 FROM events WHERE stream = no)`)
  const markPruned = database.prepare('UPDATE streams SET pruned_version = ?, pruned_hash = ? WHERE no = ?')
  const keepSummary = database.prepare('UPDATE incidents SET summary = ? WHERE stream = ?')
  const keepPosition = database.prepare(
    'UPDATE positions SET last = max(last, coalesce((SELECT max(position) FROM events), 0))',
  )
  const dropEvents = database.prepare(`
    DELETE FROM events WHERE position IN (SELECT position FROM events WHERE stream = ? ORDER BY version LIMIT ?)`)
  const dropSnapshot = database.prepare('DELETE FROM snapshots WHERE stream = ?')
  const getSnapshot = database.prepare('SELECT version, state FROM snapshots WHERE stream = ?')
  const putSnapshot = database.prepare(`
    INSERT INTO snapshots (stream, version, state) VALUES (?, ?, ?)
    ON CONFLICT (stream) DO UPDATE SET version = excluded.version, state = excluded.state
    WHERE excluded.version >= snapshots.version`)

  // What is replaced or deleted must not stay readable in the free pages of the file, nor in the write-ahead log.
  database.exec('PRAGMA secure_delete = ON')
  const emptyWriteAheadLog = createEmptying(options)

  async function redact(stream: StreamId, version: number, reason: string): Promise<void> {
    checkStream(stream, 'stream')
    checkRedaction(version, reason)
    const record = rules.prepare([redactionRecord(stream, version, reason)])
    await writer.exclusively(({ view, decide, write }) => {
      const stored = view.at(stream, version)
      if (!canRedact(stored, stream, version)) return
      const { data, dataDigest = '' } = redacted(stored, reason)
      blank.run(data, dataDigest, stream, version)
      dropSnapshot.run(stream)
      write(decide(record))
    })
    await emptyWriteAheadLog(`event ${version} of ${stream} is redacted`, 'redact')
  }

  /** Marks first, then drops in small steps: nobody waits long, and a crash in between leaves nothing that is read. */
  async function prune(pruning: { resolvedBefore: string }) {
    const resolvedBefore = checkPrune(pruning)
    const before = Date.parse(resolvedBefore)
    let incidents = 0
    for (let marked = markBatch; marked === markBatch; incidents += marked) marked = await markSome(before)
    let events = 0
    for (const { no } of leftOver.all()) {
      for (let count = pruneBatch; count === pruneBatch; events += count)
        count = await writer.exclusively(() => Number(dropEvents.run(Number(no), pruneBatch).changes))
    }
    await emptyWriteAheadLog(`${incidents} incidents are pruned`, 'prune')
    return { incidents, events }
  }

  function markSome(before: number): Promise<number> {
    return writer.exclusively(({ view, forget }) => {
      const resolved = prunable.all(before, markBatch)
      keepPosition.run()
      for (const incident of resolved) {
        const no = Number(incident['stream'])
        const name = String(incident['name'])
        const { version, hash, summary } = view.head(name)
        keepSummary.run(JSON.stringify(summary), no)
        markPruned.run(version, hash, no)
        dropSnapshot.run(name)
        forget(name)
      }
      return resolved.length
    })
  }

  async function restore(events: readonly RecordedEvent[]): Promise<number> {
    return writer.exclusively(({ view, write }) => {
      const plan = planRestore(events, view)
      write(plan)
      return plan.rows.length
    })
  }

  function readSnapshot(stream: StreamId): Snapshot | undefined {
    const row = getSnapshot.get(stream)
    return row === undefined ? undefined : { version: Number(row['version']), state: String(row['state']) }
  }

  async function writeSnapshot(stream: StreamId, snapshot: Snapshot): Promise<void> {
    const { version, state } = checkSnapshot(stream, snapshot)
    await writer.exclusively(() => putSnapshot.run(stream, version, state))
  }

  return { redact, prune, restore, getSnapshot: readSnapshot, putSnapshot: writeSnapshot }
}
