import {
  seededRandom,
  type IncidentLog,
  type NewEvent,
  type NonEmpty,
  type RecordedEvent,
  type Write,
} from '@firebreak/core'
import type { TestClock } from '@firebreak/core/testing'
import { allOf, errorOf, type LogCapabilities } from './kit.ts'

const streams = ['incident/web/1', 'incident/web/2', 'incident/api/1', 'service/web', 'desk/manager/2026-11-23']
const types = [
  'signal.observed',
  'note.added',
  'incident.opened',
  'incident.assessed',
  'incident.resolved',
  'incident.reopened',
]

/** Everything that can be seen of a log, in a form in which two logs that did the same are equal. */
export type Transcript = readonly string[]

/**
 * Does the same seeded commands on any log, one after another, right ones and wrong ones, and writes down what it answers.
 * What chance or the server's clock decides (salts, hashes, positions) is left out.
 */
export async function playScript(
  log: IncidentLog,
  clock: TestClock,
  options: { readonly seed: number; readonly commands: number; readonly capabilities: LogCapabilities },
): Promise<Transcript> {
  const { capabilities, commands } = options
  const random = seededRandom(options.seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const oneOf = <T>(list: NonEmpty<T> | readonly T[]) => list[below(list.length)] as T
  const versions = new Map<string, number>()
  const transcript: string[] = []

  function event(stream: string, withId: boolean): NewEvent {
    const type = oneOf(types)
    const [, service = ''] = stream.split('/')
    const text = `t${below(3)}`
    const data = {
      service,
      text,
      code: '7KQ2',
      number: 1,
      onsetAt: '2026-11-23T01:00:00Z',
      severity: oneOf(['P0', 'P2']),
    }
    const made = { type, actor: oneOf(['responder', 'person:mia']), data }
    if (!withId) return made
    return { ...made, type: 'note.added', actor: 'x', data: { text }, id: `id${below(6)}` }
  }

  function write(): Write {
    const stream = oneOf(streams)
    const version = versions.get(stream) ?? 0
    const kind = below(6)
    const count = below(4)
    if (kind === 0) {
      const events = Array.from({ length: count }, () => event(stream, true))
      return { stream, expected: 'dedupe', events }
    }
    const events = Array.from({ length: count }, () => event(stream, below(4) === 0))
    if (kind === 1) return { stream, expected: Math.max(0, version + below(3) - 1), events }
    if (kind === 2)
      return {
        stream,
        expected: { since: Math.max(0, version - below(4)), ignoring: types.slice(0, below(4)) },
        events,
      }
    return { stream, expected: version, events }
  }

  async function append(): Promise<unknown> {
    const writes = Array.from({ length: 1 + below(3) }, write) as unknown as NonEmpty<Write>
    const appended = await log.append(writes)
    for (const { stream, version } of appended) versions.set(stream, version)
    return appended.map(({ stream, version, duplicate, events }) => [stream, version, duplicate, events.map(canonical)])
  }

  async function command(): Promise<unknown> {
    const kind = below(24)
    if (kind === 0) return clock.advance(below(100_000))
    if (kind === 1 && capabilities.redact === true) return log.redact?.(oneOf(streams), 1 + below(5), 'because')
    if (kind === 2 && capabilities.prune === true && below(4) === 0)
      return log.prune?.({ resolvedBefore: new Date(clock.now() - below(1_000_000)).toISOString() })
    if (kind === 3) return allOf(log.list({ status: ['open', 'mitigated'], limit: 1 + below(3) }))
    return append()
  }

  for (let count = 0; count < commands; count += 1) {
    let answer: unknown
    const error = await errorOf(async () => (answer = await command()))
    transcript.push(JSON.stringify(error.code === undefined ? answer : [error.code, error['actual'], error['id']]))
  }
  for (const stream of streams) transcript.push(JSON.stringify((await allOf(log.read(stream))).map(canonical)))
  transcript.push(JSON.stringify((await allOf(log.readAll())).map(canonical)), JSON.stringify(await allOf(log.list())))
  return transcript
}

function canonical({ id, stream, version, type, at, recordedAt, actor, causationId, data, dataDigest }: RecordedEvent) {
  return [id, stream, version, type, at, recordedAt, actor, causationId, data, dataDigest !== undefined]
}
