import { isVersionConflict, VersionConflict, type IncidentLog, type IncidentSummary, type Write } from '@firebreak/core'
import type { Runner } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { memoryLog } from '../memory-log.ts'
import { describeIncidentLog } from './index.ts'
import type { LogContext } from './kit.ts'

const every = { subscribe: true, presence: true, snapshots: true, redact: true, prune: true, restore: true }

/** How many cases of the suite a log in memory fails which does something else in this way. */
async function failuresOf(change: (log: IncidentLog) => Partial<IncidentLog>): Promise<number> {
  const cases: (() => unknown)[] = []
  const runner = {
    describe: (_name: string, body: () => void) => body(),
    test: (_name: string, body: () => unknown) => void cases.push(body),
    expect,
  } as unknown as Runner
  const open = (context: LogContext) => {
    const log = memoryLog(context)
    return { ...log, ...change(log) }
  }
  describeIncidentLog('broken', open, every, runner)
  let failures = 0
  for (const run of cases) {
    try {
      await run()
    } catch {
      failures += 1
    }
  }
  return failures
}

/** Only where the append is one at all: what is senseless is refused by the log itself. */
function renamed(writes: unknown, rename: (write: Write) => Write): Parameters<IncidentLog['append']>[0] {
  const sound = Array.isArray(writes) && writes.every((write: Partial<Write> | null) => Array.isArray(write?.events))
  return (sound ? writes.map(rename) : writes) as Parameters<IncidentLog['append']>[0]
}

const withIds = (write: Write, idOf: (id: string) => string): Write => ({
  ...write,
  events: write.events.map((event) => (typeof event?.id === 'string' ? { ...event, id: idOf(event.id) } : event)),
})

test('the suite has nothing against a log that keeps its obligations', async () => {
  expect(await failuresOf(() => ({}))).toBe(0)
})

const broken: Record<string, (log: IncidentLog) => Partial<IncidentLog>> = {
  'leaves out an event where readAll has a position and a limit': (log) => ({
    async *readAll(options = {}) {
      let left = options.limit !== undefined && options.after !== undefined ? 1 : 0
      for await (const event of log.readAll(options)) if (left-- <= 0) yield event
    },
  }),
  'gives the first page of readAll only': (log) => ({
    async *readAll(options = {}) {
      let count = 0
      for await (const event of log.readAll(options)) {
        if (count === 200) return
        count += 1
        yield event
      }
    },
  }),
  'names the first stream of an append in every conflict': (log) => ({
    async append(writes) {
      try {
        return await log.append(writes)
      } catch (error) {
        if (isVersionConflict(error)) throw new VersionConflict(writes[0].stream, error.actual, 'x')
        throw error
      }
    },
  }),
  'forgets the ids of what was restored': (log) => {
    const forgotten = new Set<string>()
    return {
      async restore(events) {
        for (const { id } of events) forgotten.add(id)
        return (await log.restore?.(events)) ?? 0
      },
      append: async (writes) =>
        log.append(renamed(writes, (write) => withIds(write, (id) => (forgotten.has(id) ? `${id}~` : id)))),
    }
  },
  'tells a subscriber of the first stream of an append only': (log) => ({
    subscribe: (listener) => log.subscribe!((streams) => listener(streams.slice(0, 1))),
  }),
  'takes names for equal that differ in case': (log) => ({
    append: async (writes) =>
      log.append(
        renamed(writes, (write) =>
          typeof write.stream === 'string' ? { ...write, stream: write.stream.toLowerCase() } : write,
        ),
      ),
    read: (stream, options) => log.read(stream.toLowerCase(), options),
  }),
  'takes ids for equal that differ in case': (log) => ({
    append: async (writes) =>
      log.append(renamed(writes, (write) => withIds(write, (id) => (/^[a-z]+$/i.test(id) ? id.toLowerCase() : id)))),
  }),
  'keeps resolvedAt in the list after a reopening': (log) => {
    const resolved = new Map<string, string>()
    return {
      async *list(query) {
        for await (const summary of log.list(query)) {
          if (summary.resolvedAt !== undefined) resolved.set(summary.stream, summary.resolvedAt)
          const resolvedAt = resolved.get(summary.stream)
          yield resolvedAt === undefined ? summary : ({ ...summary, resolvedAt } satisfies IncidentSummary)
        }
      },
    }
  },
  'lists by service what its stream is called': (log) => ({
    async *list({ service, ...query } = {}) {
      for await (const summary of log.list(query))
        if (service === undefined || summary.stream.split('/')[1] === service) yield summary
    },
  }),
}

test.each(Object.entries(broken))('a log that %s fails the suite', async (_what, change) => {
  expect(await failuresOf(change)).toBeGreaterThan(0)
})
