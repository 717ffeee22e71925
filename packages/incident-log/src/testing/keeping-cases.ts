import {
  linkOf,
  verifyChain,
  type NonEmpty,
  type PositionedEvent,
  type RecordedEvent,
  type Write,
} from '@firebreak/core'
import { allOf, codeOf, errorOf, note, opened, resolvedBy, textsOf, write, type Case } from './kit.ts'

const web = 'incident/web/1'

export const keepingCases: readonly Case[] = [
  {
    title: 'redaction takes the data away, says why, and the chain still verifies',
    needs: ['redact'],
    run: async ({ log, expect }) => {
      await write(log, web, 0, opened('web', 1), note('call Ms Doe, +49 170 1234567', { id: 'x' }), note('b'))
      const before = await allOf(log.read(web))
      await log.redact?.(web, 2, 'a phone number')
      const events = await allOf(log.read(web))
      expect(JSON.stringify(events).includes('Doe')).toBe(false)
      expect(events[1]?.data).toEqual({ redacted: 'a phone number' })
      expect([events[1]?.salt, typeof events[1]?.dataDigest]).toEqual([undefined, 'string'])
      expect(events.map(({ hash }) => hash).slice(0, 3)).toEqual(before.map(({ hash }) => hash))
      expect(events.map(({ type }) => type)).toEqual(['incident.opened', 'note.added', 'note.added', 'event.redacted'])
      expect(verifyChain(events.map(linkOf)).ok).toBe(true)
    },
  },
  {
    title: 'a redaction is recorded once, however often it is asked for',
    needs: ['redact'],
    run: async ({ log, expect }) => {
      await write(log, 'service/web', 0, note('a'))
      await log.redact?.('service/web', 1, 'name')
      await log.redact?.('service/web', 1, 'name')
      expect((await allOf(log.read('service/web'))).length).toBe(2)
      expect((await errorOf(async () => log.redact?.('service/web', 2, 'again'))).code).toBe('INVALID_INPUT')
      expect((await errorOf(async () => log.redact?.('service/web', 9, 'none'))).code).toBe('INVALID_INPUT')
      expect((await errorOf(async () => log.redact?.('service/none', 1, 'none'))).code).toBe('INVALID_INPUT')
    },
  },
  {
    title: 'a redacted event still stands for its id',
    needs: ['redact'],
    run: async ({ log, expect }) => {
      await write(log, 'service/web', 0, note('secret', { id: 'x' }))
      await log.redact?.('service/web', 1, 'name')
      const [again] = await write(log, 'service/web', 'dedupe', note('secret', { id: 'x' }))
      expect([again?.duplicate, again?.events[0]?.data]).toEqual([true, { redacted: 'name' }])
    },
  },
  {
    title: 'prune drops the events of what was resolved before, and keeps what a list shows',
    needs: ['prune'],
    run: async ({ log, expect, clock }) => {
      await write(log, web, 0, opened('web', 1), note('a'))
      await write(log, 'incident/api/1', 0, opened('api', 1))
      await write(log, 'service/web', 0, note('not an incident'))
      await clock.advance(60_000)
      await write(log, web, 2, resolvedBy('mia'))
      await write(log, 'incident/web/2', 0, opened('web', 2), resolvedBy('mia', { at: '2026-11-23T05:00:00Z' }))
      const before = await allOf(log.list())
      expect(await log.prune?.({ resolvedBefore: '2026-11-23T03:00:00+00:00' })).toEqual({ incidents: 1, events: 3 })
      expect(await log.prune?.({ resolvedBefore: '2026-11-23T03:00:00+00:00' })).toEqual({ incidents: 0, events: 0 })
      expect(await allOf(log.list())).toEqual(before)
      expect(await textsOf(log, web)).toEqual([])
      const left = (await allOf(log.readAll())).map(({ stream }) => stream)
      expect(left).toEqual(['incident/api/1', 'service/web', 'incident/web/2', 'incident/web/2'])
    },
  },
  {
    title: 'a pruned stream keeps its version and takes no events',
    needs: ['prune'],
    run: async ({ log, expect }) => {
      await write(log, web, 0, opened('web', 1), note('a', { id: 'x' }), resolvedBy('mia'))
      const last = (await allOf(log.read(web))).at(-1)
      await log.prune?.({ resolvedBefore: '2027-01-01T00:00:00Z' })
      const refused = await errorOf(() => write(log, web, 3, note('late')))
      expect([refused.code, (await errorOf(() => write(log, web, 'dedupe', note('a', { id: 'x' })))).code]).toEqual([
        'STREAM_PRUNED',
        'STREAM_PRUNED',
      ])
      expect((await errorOf(() => write(log, web, 0, opened('web', 1)))).code).toBe('VERSION_CONFLICT')
      const next = await log.append([
        { stream: web, expected: 3, events: [] },
        { stream: 'incident/web/2', expected: 0, events: [opened('web', 2)] },
      ])
      expect(next.map(({ version }) => version)).toEqual([3, 1])
      if (log.streamHead !== undefined)
        expect(await log.streamHead(web)).toEqual({ version: 3, hash: last?.hash, pruned: true })
    },
  },
  {
    title: 'since fails closed on a pruned stream: what came after is not known any more',
    needs: ['prune'],
    run: async ({ log, expect }) => {
      await write(log, web, 0, opened('web', 1), resolvedBy('mia'))
      const check = (since: number) =>
        codeOf(() => log.append([{ stream: web, expected: { since, ignoring: ['note.added'] }, events: [] }]))
      expect([await check(1), await check(2)]).toEqual(['VERSION_CONFLICT', 'nothing'])
      await log.prune?.({ resolvedBefore: '2027-01-01T00:00:00Z' })
      expect([await check(1), await check(2)]).toEqual(['VERSION_CONFLICT', 'nothing'])
    },
  },
  {
    title: 'no position is given twice, even when the last events were pruned',
    needs: ['prune'],
    run: async ({ log, expect }) => {
      await write(log, web, 0, opened('web', 1), resolvedBy('mia'))
      const seen = (await allOf(log.readAll())).at(-1)?.position
      await log.prune?.({ resolvedBefore: '2027-01-01T00:00:00Z' })
      await write(log, 'service/web', 0, note('a'))
      expect((await allOf(log.readAll({ after: seen }))).map(({ stream }) => stream)).toEqual(['service/web'])
    },
  },
  {
    title: 'prune takes as many as there are',
    needs: ['prune'],
    run: async ({ log, expect }) => {
      const writes = Array.from({ length: 450 }, (_, index) => {
        const events = [opened('web', index), resolvedBy('mia')]
        return { stream: `incident/web/${index}`, expected: 0, events }
      })
      await log.append(writes as unknown as NonEmpty<Write>)
      await write(log, 'incident/api/1', 0, opened('api', 1), ...Array.from({ length: 2_500 }, () => note('a')))
      await write(log, 'incident/api/1', 2_501, resolvedBy('mia'))
      expect(await log.prune?.({ resolvedBefore: '2027-01-01T00:00:00Z' })).toEqual({ incidents: 451, events: 3_402 })
      expect(await allOf(log.readAll())).toEqual([])
      expect((await allOf(log.list())).length).toBe(451)
    },
  },
  {
    title: 'prune wants an instant',
    needs: ['prune'],
    run: async ({ log, expect }) => {
      expect((await errorOf(async () => log.prune?.({ resolvedBefore: 'last week' }))).code).toBe('INVALID_INPUT')
    },
  },
  {
    title: 'the head of a stream is its last version and hash',
    run: async ({ log, expect }) => {
      if (log.streamHead === undefined) return
      expect(await log.streamHead('service/web')).toBe(undefined)
      const [appended] = await write(log, 'service/web', 0, note('a'), note('b'))
      const head = { version: 2, hash: appended?.events[1]?.hash, pruned: false }
      expect(await log.streamHead('service/web')).toEqual(head)
    },
  },
  {
    title: 'restore takes events over as they were, and a second time finds them known',
    needs: ['restore'],
    run: async ({ log, expect, again }) => {
      await write(log, web, 0, opened('web', 1), note('a', { id: 'x', causationId: 'y' }), resolvedBy('mia'))
      await write(log, 'service/web', 0, note('b'))
      if (log.redact !== undefined) await log.redact(web, 2, 'a name')
      const [events, listed] = [(await allOf(log.readAll())).map(withoutPosition), await allOf(log.list())]
      const other = await again('other')
      expect(await other.restore?.(events.slice(0, 2))).toBe(2)
      expect(await other.restore?.(events)).toBe(events.length - 2)
      expect(await other.restore?.(events)).toBe(0)
      expect((await allOf(other.readAll())).map(withoutPosition)).toEqual(events)
      expect(await allOf(other.list())).toEqual(listed)
      const [next] = await write(other, web, { since: 3, ignoring: ['event.redacted'] }, note('c'))
      expect(verifyChain((await allOf(other.read(web))).map(linkOf)).ok).toBe(true)
      expect(next?.version).toBe(events.filter(({ stream }) => stream === web).length + 1)
    },
  },
  {
    title: 'a restored id stands for its event',
    needs: ['restore'],
    run: async ({ log, expect, again }) => {
      await write(log, web, 0, opened('web', 1), note('a', { id: 'x' }))
      const other = await again('other')
      await other.restore?.((await allOf(log.readAll())).map(withoutPosition))
      const [known] = await write(other, web, 0, note('a', { id: 'x' }))
      expect([known?.duplicate, known?.version]).toEqual([true, 2])
      expect(await codeOf(() => write(other, web, 'dedupe', note('b', { id: 'x' })))).toBe('ID_CONFLICT')
    },
  },
  {
    title: 'restore refuses what does not follow, and then takes nothing',
    needs: ['restore'],
    run: async ({ log, expect, again }) => {
      await write(log, 'service/web', 0, note('a'), note('b'), note('c', { id: 'x' }))
      await write(log, 'service/api', 0, note('d'))
      const events = (await allOf(log.readAll())).map(withoutPosition)
      const other = await again('other')
      const [first, second, third, fourth] = events as [RecordedEvent, RecordedEvent, RecordedEvent, RecordedEvent]
      const wrong = [
        [fourth, second],
        [fourth, first, third],
        [fourth, first, { ...second, data: { text: 'B' } }],
        [fourth, first, { ...second, hash: third.hash }],
        [fourth, first, { ...second, salt: undefined }],
        [fourth, first, second, { ...third, at: '2026-11-23T00:00:00Z' }],
        [fourth, { ...first, stream: 'service/other' }],
      ] as RecordedEvent[][]
      for (const set of wrong) expect((await errorOf(async () => other.restore?.(set))).code).toBe('IMPORT_REFUSED')
      expect(await allOf(other.readAll())).toEqual([])
      await write(other, 'service/web', 0, note('another history'))
      expect((await errorOf(async () => other.restore?.([first]))).code).toBe('IMPORT_REFUSED')
    },
  },
  {
    title: 'a snapshot is the newest that was put, and there need be none',
    needs: ['snapshots'],
    run: async ({ log, expect }) => {
      expect(await log.snapshots?.get(web)).toBe(undefined)
      await log.snapshots?.put(web, { version: 5, state: '{"five":"ü"}' })
      await log.snapshots?.put(web, { version: 3, state: 'older' })
      expect(await log.snapshots?.get(web)).toEqual({ version: 5, state: '{"five":"ü"}' })
      await log.snapshots?.put(web, { version: 6, state: 'new' })
      await log.snapshots?.put(web, { version: 6, state: 'newer' })
      expect(await log.snapshots?.get(web)).toEqual({ version: 6, state: 'newer' })
    },
  },
  {
    title: 'a snapshot goes with the data that is redacted',
    needs: ['redact'],
    run: async ({ log, expect }) => {
      if (log.snapshots === undefined) return
      await write(log, web, 0, opened('web', 1), note('secret'))
      await log.snapshots.put(web, { version: 2, state: 'secret' })
      await log.redact?.(web, 2, 'a name')
      expect(await log.snapshots.get(web)).toBe(undefined)
    },
  },
  {
    title: 'a snapshot goes with the events that are pruned',
    needs: ['prune', 'snapshots'],
    run: async ({ log, expect }) => {
      await write(log, web, 0, opened('web', 1), resolvedBy('mia'))
      await log.snapshots?.put(web, { version: 2, state: 'secret' })
      await log.prune?.({ resolvedBefore: '2027-01-01T00:00:00Z' })
      expect(await log.snapshots?.get(web)).toBe(undefined)
    },
  },
]

function withoutPosition({ position: _position, ...event }: PositionedEvent): RecordedEvent {
  return event
}
