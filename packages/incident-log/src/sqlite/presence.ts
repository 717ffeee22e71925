import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { Clock, IncidentLog } from '@firebreak/core'
import { checkPresence } from '../calls.ts'
import { checkText } from '../prepare.ts'
import { limits } from '../limits.ts'
import { hasEnded, ownIdentity, type ProcessIdentity } from './process-identity.ts'
import type { Writer } from './writer.ts'

/** Marks of owners that are gone are kept so long, in milliseconds: nobody asks for them later. */
const keepMs = 7 * 24 * 60 * 60_000

export interface PresenceOptions {
  readonly database: DatabaseSync
  readonly writer: Writer
  readonly clock: Clock
  /** Reads; what SQLite throws becomes an error that names the file. */
  readonly look: <T>(read: () => T) => T
}

/** Owners on one machine: a row with the process's id and start, which nobody has to renew. */
export function createPresence({ database, writer, clock, look }: PresenceOptions) {
  const enter = database.prepare(`
    INSERT INTO presence (owner, machine, boot, namespace, pid, started, seen_at) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (owner) DO UPDATE SET machine = excluded.machine, boot = excluded.boot, namespace = excluded.namespace,
      pid = excluded.pid, started = excluded.started, seen_at = excluded.seen_at, left_at = NULL`)
  const leave = database.prepare('UPDATE presence SET left_at = ? WHERE owner = ? AND pid = ? AND started = ?')
  const old = database.prepare('SELECT * FROM presence WHERE seen_at < ?')
  const forget = database.prepare('DELETE FROM presence WHERE owner = ?')
  const ask = database.prepare('SELECT * FROM presence WHERE owner = ?')

  /** Who has come by this log and not left. */
  const here = new Set<() => Promise<unknown>>()

  const presence: NonNullable<IncidentLog['presence']> = async (owner, options) => {
    const signal = checkPresence(owner, options)
    signal.throwIfAborted()
    const own = ownIdentity()
    const now = clock.now()
    await writer.exclusively(() => {
      for (const row of old.all(now - keepMs)) if (isOver(row, own)) forget.run(String(row['owner']))
      enter.run(owner, own.machine, own.boot, own.namespace, own.pid, own.started, now)
    })
    let left: Promise<unknown> | undefined
    function goAway(): Promise<unknown> {
      here.delete(goAway)
      signal.removeEventListener('abort', onAbort)
      left ??= writer.exclusively(() => leave.run(clock.now(), owner, own.pid, own.started)).catch(() => undefined)
      return left
    }
    const onAbort = () => void goAway()
    here.add(goAway)
    signal.addEventListener('abort', onAbort, { once: true })

    return {
      async isGone(other) {
        checkText(other, 'owner', limits.actor)
        const row = look(() => ask.get(other))
        return row !== undefined && isOver(row, own)
      },
      async [Symbol.asyncDispose]() {
        await goAway()
      },
    }
  }

  return {
    presence,
    /** With the log that they came by. */
    leaveAll: async (): Promise<void> => {
      for (const goAway of here) await goAway()
    },
  }
}

function isOver(row: Record<string, SQLOutputValue>, own: ProcessIdentity): boolean {
  if (row['left_at'] !== null) return true
  const other = {
    machine: String(row['machine']),
    boot: String(row['boot']),
    namespace: String(row['namespace']),
    pid: Number(row['pid']),
    started: String(row['started']),
  }
  return hasEnded(other, own)
}
