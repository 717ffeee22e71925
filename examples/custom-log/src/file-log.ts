// A log of one's own: every append is one line of a text file, on the disk before it is answered. One process at a time.
import { closeSync, existsSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { IncidentLog, IncidentSummary, StreamId } from '@firebreak/core'
import {
  checkQuery,
  closedError,
  createLogRules,
  emptyHead,
  newestFirst,
  parsePosition,
  type CommonLogOptions,
  type Decision,
  type Head,
  type LogView,
  type StoredEvent,
} from '@firebreak/incident-log/store'

type Line = { readonly rows: readonly StoredEvent[]; readonly heads: readonly (readonly [StreamId, Head])[] }

export function fileLog({ path, ...options }: CommonLogOptions & { path: string }): IncidentLog {
  const rules = createLogRules(path, options)
  const heads = new Map<StreamId, Head>()
  const events: StoredEvent[] = []
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const whole = text.slice(0, text.lastIndexOf('\n') + 1) // A crash may have cut the last line: it was never answered.
  for (const line of whole.split('\n').slice(0, -1)) keep(JSON.parse(line) as Line)
  const file = openSync(path, 'a')
  ftruncateSync(file, Buffer.byteLength(whole))
  let closed = false

  const of = (stream: StreamId) => events.filter((event) => event.stream === stream)
  const view: LogView = {
    head: (stream) => heads.get(stream) ?? emptyHead,
    find: (stream, id) => of(stream).find((event) => event.id === id),
    movedBeyond: (stream, since, ignoring) => of(stream).some((event) => event.version > since && !ignoring.includes(event.type)),
  }

  function keep({ rows, heads: moved }: Line) {
    events.push(...rows)
    for (const [stream, head] of moved) heads.set(stream, head)
  }

  function store({ rows, heads: moved }: Decision) {
    if (rows.length === 0) return
    const line: Line = { rows, heads: [...moved] }
    writeSync(file, `${JSON.stringify(line)}\n`)
    fsyncSync(file)
    keep(line)
  }

  function assertOpen() {
    if (closed) throw closedError(path)
  }

  return {
    async append(writes) {
      assertOpen()
      const decision = rules.decide(rules.prepare(writes), view)
      store(decision)
      return decision.appended
    },
    async *read(stream, { from = 1 } = {}) {
      assertOpen()
      for (const event of of(stream)) if (event.version >= from) yield rules.present(event)
    },
    async *readAll({ after, limit = Number.POSITIVE_INFINITY } = {}) {
      assertOpen()
      const start = parsePosition(after)
      for (const [index, event] of events.slice(start, start + limit).entries())
        yield { ...rules.present(event), position: String(start + index + 1) }
    },
    async *list(query = {}) {
      assertOpen()
      const { service, statuses, limit, signal } = checkQuery(query)
      const summaries = [...heads.values()].flatMap(({ summary }): IncidentSummary[] => (summary ? [summary] : []))
      const wanted = summaries.filter((it) => statuses.includes(it.status) && (service ?? it.service) === it.service)
      for (const summary of wanted.sort(newestFirst).slice(0, limit)) {
        signal?.throwIfAborted()
        yield summary
      }
    },
    async close() {
      if (!closed) closeSync(file)
      closed = true
    },
  }
}
