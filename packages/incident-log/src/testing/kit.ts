import type { Clock, IncidentLog, NewEvent, Random, RecordedEvent, StreamId, Write } from '@firebreak/core'
import { createTestClock, type Runner } from '@firebreak/core/testing'
import { seededRandom } from '@firebreak/core'

/** What a factory gets. The same `name` must open the same events again, where the log is `durable` or `shared`. */
export interface LogContext {
  readonly name: string
  readonly clock: Clock
  readonly random: Random
}

export type LogFactory = (context: LogContext) => IncidentLog | Promise<IncidentLog>

/** What a log can do beyond the port's obligations; what is not named is not tested. */
export interface LogCapabilities {
  /** A log that is opened again after it was closed holds what it held. */
  readonly durable?: boolean | undefined
  /** Two logs of the same name that are open at once are the same log. */
  readonly shared?: boolean | undefined
  readonly subscribe?: boolean | undefined
  readonly presence?: boolean | undefined
  readonly snapshots?: boolean | undefined
  readonly redact?: boolean | undefined
  readonly prune?: boolean | undefined
  readonly restore?: boolean | undefined
}

/** What one case works with. */
export interface Kit {
  readonly log: IncidentLog
  readonly expect: Runner['expect']
  readonly clock: ReturnType<typeof createTestClock>
  /** Opens the same log once more, or one of another name; closed by the suite. */
  readonly again: (other?: string) => Promise<IncidentLog>
}

export interface Case {
  /** One obligation, as a rule. */
  readonly title: string
  /** All of these. */
  readonly needs?: readonly (keyof LogCapabilities)[]
  readonly run: (kit: Kit) => Promise<void>
}

export async function withKit(factory: LogFactory, name: string, expect: Runner['expect'], run: Case['run']) {
  const clock = createTestClock()
  const opened: IncidentLog[] = []
  const again = async (other?: string) => {
    const context = {
      name: other === undefined ? name : `${name}_${other}`,
      clock,
      random: seededRandom(opened.length + 1),
    }
    const log = await factory(context)
    opened.push(log)
    return log
  }
  try {
    await run({ log: await again(), expect, clock, again })
  } finally {
    for (const log of opened) await log.close()
  }
}

/** A note: an event that changes nothing but the stream it is in. */
export function note(text: string, rest: Partial<NewEvent> = {}): NewEvent {
  return { type: 'note.added', actor: 'person:mia', data: { service: 'web', by: 'mia', text }, ...rest }
}

export function opened(service: string, number: number, rest: Partial<NewEvent> = {}): NewEvent {
  const onsetAt = '2026-11-23T01:58:00Z'
  return { type: 'incident.opened', actor: 'responder', data: { service, code: '7KQ2', number, onsetAt }, ...rest }
}

export function resolvedBy(by: string, rest: Partial<NewEvent> = {}): NewEvent {
  return { type: 'incident.resolved', actor: 'responder', data: { service: 'web', by, why: 'quiet' }, ...rest }
}

/** One write as an append. */
export function write(log: IncidentLog, stream: StreamId, expected: Write['expected'], ...events: NewEvent[]) {
  return log.append([{ stream, expected, events }])
}

/** The code of what it throws; 'nothing' when it does not. */
export async function codeOf(work: () => Promise<unknown>): Promise<string> {
  const { code } = await errorOf(work)
  return typeof code === 'string' ? code : 'nothing'
}

interface Thrown {
  readonly code?: unknown
  readonly message?: string
  readonly [field: string]: unknown
}

/** What it throws, by field; empty when it does not. */
export async function errorOf(work: () => Promise<unknown>): Promise<Thrown> {
  try {
    await work()
    return {}
  } catch (error) {
    return { ...(error as object), code: (error as { code?: unknown }).code, message: String(error) }
  }
}

/** Everything an async iterable gives. */
export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

export async function textsOf(log: IncidentLog, stream: StreamId, from?: number): Promise<string[]> {
  const events: RecordedEvent[] = await allOf(log.read(stream, { from }))
  return events.map((event) => String((event.data as { text?: unknown }).text))
}
