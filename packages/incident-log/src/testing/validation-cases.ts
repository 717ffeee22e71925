import type { NewEvent, NonEmpty, Write } from '@firebreak/core'
import { allOf, errorOf, note, opened, write, type Case } from './kit.ts'

const stream = 'service/web'
const one = (event: unknown): unknown => [{ stream, expected: 0, events: [event] }]
const noted = (rest: object): unknown => one({ ...note('a'), ...rest })
const holding = (data: unknown): unknown => noted({ data })

function nested(depth: number): object {
  let inner: object = {}
  for (let level = 0; level < depth; level += 1) inner = { inner }
  return inner
}

const circular: Record<string, unknown> = {}
circular['self'] = circular

/** What cannot be stored, with the field that the error names. */
const bad: readonly (readonly [string, string, unknown])[] = [
  ['no writes', 'writes', []],
  ['too many writes', 'writes', Array.from({ length: 1_001 }, () => ({ stream, expected: 'dedupe', events: [] }))],
  ['an empty stream name', 'writes[0].stream', [{ stream: '', expected: 0, events: [] }]],
  ['a name with an empty segment', 'writes[0].stream', [{ stream: 'incident//1', expected: 0, events: [] }]],
  ['a name that ends in a slash', 'writes[0].stream', [{ stream: 'incident/', expected: 0, events: [] }]],
  ['a name with a control character', 'writes[0].stream', [{ stream: 'a\nb', expected: 0, events: [] }]],
  ['a name with half a surrogate pair', 'writes[0].stream', [{ stream: 'a\ud800', expected: 0, events: [] }]],
  ['a name that is too long', 'writes[0].stream', [{ stream: 'a'.repeat(513), expected: 0, events: [] }]],
  ['no expectation', 'writes[0].expected', [{ stream, events: [note('a')] }]],
  ['an unknown expectation', 'writes[0].expected', [{ stream, expected: 'any', events: [note('a')] }]],
  ['a negative version', 'writes[0].expected', [{ stream, expected: -1, events: [note('a')] }]],
  ['half a version', 'writes[0].expected', [{ stream, expected: 0.5, events: [note('a')] }]],
  ['since without a version', 'writes[0].expected.since', [{ stream, expected: { ignoring: [] }, events: [] }]],
  [
    'since with a type that is none',
    'writes[0].expected.ignoring',
    [{ stream, expected: { since: 0, ignoring: ['a\u0000'] }, events: [] }],
  ],
  ['since without a list', 'writes[0].expected.ignoring', [{ stream, expected: { since: 0 }, events: [] }]],
  ['no list of events', 'writes[0].events', [{ stream, expected: 0 }]],
  ['an event that is none', 'writes[0].events[0]', one(null)],
  ['an empty type', 'writes[0].events[0].type', noted({ type: '' })],
  ['a type that is too long', 'writes[0].events[0].type', noted({ type: 'a'.repeat(129) })],
  ['no actor', 'writes[0].events[0].actor', noted({ actor: undefined })],
  ['an empty id', 'writes[0].events[0].id', noted({ id: '' })],
  ['an id with a zero byte', 'writes[0].events[0].id', noted({ id: 'a\u0000' })],
  ['a time that is none', 'writes[0].events[0].at', noted({ at: 'yesterday' })],
  ['a day without a time', 'writes[0].events[0].at', noted({ at: '2026-11-23' })],
  ['a day that does not exist', 'writes[0].events[0].at', noted({ at: '2026-13-41T00:00:00Z' })],
  ['the 31st of November', 'writes[0].events[0].at', noted({ at: '2026-11-31T00:00:00Z' })],
  ['no data', 'writes[0].events[0].data', holding(undefined)],
  ['data that is a text', 'writes[0].events[0].data', holding('text')],
  ['data that is a list', 'writes[0].events[0].data', holding([])],
  ['not a number', 'writes[0].events[0].data.a[1]', holding({ a: [1, Number.NaN] })],
  ['infinity', 'writes[0].events[0].data.a.b', holding({ a: { b: Infinity } })],
  ['a big integer', 'writes[0].events[0].data.a', holding({ a: 1n })],
  ['a function', 'writes[0].events[0].data.a', holding({ a: () => 1 })],
  ['a symbol', 'writes[0].events[0].data.a', holding({ a: Symbol('a') })],
  ['a hole in a list', 'writes[0].events[0].data.a[0]', holding({ a: [undefined] })],
  ['a date', 'writes[0].events[0].data.a', holding({ a: new Date(0) })],
  ['a map', 'writes[0].events[0].data.a', holding({ a: new Map() })],
  ['data that contains itself', 'writes[0].events[0].data', holding(circular)],
  ['data that is too deep', 'writes[0].events[0].data', holding(nested(70))],
  ['data that is too long', 'writes[0].events[0].data', holding({ text: 'a'.repeat(1_048_577) })],
]

export const validationCases: readonly Case[] = [
  {
    title: 'what cannot be stored is refused with its field named, and nothing of the append is written',
    run: async ({ log, expect }) => {
      for (const [what, field, writes] of bad) {
        const whole = [{ stream: 'service/good', expected: 'dedupe', events: [note('a', { id: what })] }]
        const together = [...whole, ...(writes as Write[])] as unknown as NonEmpty<Write>
        const alone = await errorOf(() => log.append(writes as NonEmpty<Write>))
        expect(alone.code, what).toBe('INVALID_INPUT')
        expect(String(alone['field']).startsWith(field), `${what}: ${String(alone['field'])}`).toBe(true)
        if ((writes as Write[]).length > 0)
          expect((await errorOf(() => log.append(together))).code, what).toBe('INVALID_INPUT')
      }
      expect(await allOf(log.readAll())).toEqual([])
    },
  },
  {
    title: 'what is unusual but well-formed is kept',
    run: async ({ log, expect }) => {
      const names = ['a', 'Ünï/ço.dé:1', "o'clock/%_", 'x'.repeat(512), '😀/1', 'no/such/depth/at/all/1']
      for (const name of names) {
        const event: NewEvent = { ...note('a'), type: "Own.type-1 'quoted'", id: `${name}:${'y'.repeat(100)}` }
        const [appended] = await write(log, name, 'dedupe', event)
        expect(
          (await allOf(log.read(name))).map(({ id }) => id),
          name,
        ).toEqual([appended?.events[0]?.id])
      }
    },
  },
  {
    title: 'an incident whose data says nothing does not break the list',
    run: async ({ log, expect }) => {
      await write(log, 'incident/web/1', 0, { type: 'incident.opened', actor: 'x', data: {} })
      await write(log, 'incident/odd', 0, { type: 'incident.assessed', actor: 'x', data: {} })
      expect((await allOf(log.list())).map(({ stream: name }) => name).sort()).toEqual([
        'incident/odd',
        'incident/web/1',
      ])
    },
  },
  {
    title: 'a service is listed whatever characters its name has',
    run: async ({ log, expect }) => {
      const services = ['zero\u0000byte', 'half \ud800 a pair', "o'clock %_", 'ü😀']
      for (const [index, service] of services.entries())
        await write(log, `incident/odd/${index}`, 0, opened(service, index))
      for (const [index, service] of services.entries()) {
        const listed = await allOf(log.list({ service }))
        expect(listed.map(({ stream: name }) => name)).toEqual([`incident/odd/${index}`])
        expect(listed[0]?.service).toBe(service)
      }
    },
  },
  {
    title: 'a large event goes in and comes out',
    run: async ({ log, expect }) => {
      const text = '"\u0001é'.repeat(100_000)
      await write(log, stream, 0, note(text))
      const [event] = await allOf(log.read(stream))
      const kept = event?.data as { text?: string } | undefined
      expect(kept?.text === text).toBe(true)
    },
  },
  {
    title: 'after close every call is refused, and close may be called again',
    run: async ({ log, expect }) => {
      const before = write(log, stream, 0, note('a'))
      await log.close()
      await log.close()
      const answered = await before.then(
        () => 'recorded',
        (error: { code?: string }) => error.code,
      )
      expect(['recorded', 'LOG_CLOSED'].includes(String(answered))).toBe(true)
      const calls = {
        append: () => write(log, stream, 1, note('b')),
        read: () => allOf(log.read(stream)),
        readAll: () => allOf(log.readAll()),
        list: () => allOf(log.list()),
        head: log.head && (async () => log.head?.()),
        streamHead: log.streamHead && (async () => log.streamHead?.(stream)),
        redact: log.redact && (async () => log.redact?.(stream, 1, 'name')),
        prune: log.prune && (async () => log.prune?.({ resolvedBefore: '2026-11-23T00:00:00Z' })),
        restore: log.restore && (async () => log.restore?.([])),
        getSnapshot: log.snapshots && (async () => log.snapshots?.get(stream)),
        putSnapshot: log.snapshots && (async () => log.snapshots?.put(stream, { version: 1, state: '' })),
        presence: log.presence && (async () => log.presence?.('x', { signal: new AbortController().signal })),
      }
      for (const [name, call] of Object.entries(calls))
        if (call !== undefined) expect([name, (await errorOf(call)).code]).toEqual([name, 'LOG_CLOSED'])
    },
  },
]
