import type { NonEmpty, Write } from '@firebreak/core'
import { allOf, codeOf, errorOf, note, opened, textsOf, write, type Case } from './kit.ts'

export const appendCases: readonly Case[] = [
  {
    title: 'versions begin at 1 and are dense',
    run: async ({ log, expect }) => {
      const [first] = await write(log, 'service/web', 0, note('a'), note('b'))
      const [second] = await write(log, 'service/web', 2, note('c'))
      expect(first?.version).toBe(2)
      expect(second?.version).toBe(3)
      const versions = (await allOf(log.read('service/web'))).map((event) => event.version)
      expect(versions).toEqual([1, 2, 3])
    },
  },
  {
    title: 'what an append answers is what is read afterwards',
    run: async ({ log, expect }) => {
      const cause = { at: '2026-11-23T03:00:00+01:00', causationId: 'alert-1', id: 'own-1' }
      const [appended] = await write(log, 'incident/web/1', 0, opened('web', 1), note('a', cause))
      expect(appended?.events).toEqual(await allOf(log.read('incident/web/1')))
      expect(appended?.duplicate).toBe(false)
    },
  },
  {
    title: 'an id is derived from stream and version where the writer gives none',
    run: async ({ log, expect }) => {
      const [appended] = await write(log, 'service/web', 0, note('a'), note('b', { id: 'mine' }), note('c'))
      expect(appended?.events.map((event) => event.id)).toEqual(['service/web@1', 'mine', 'service/web@3'])
    },
  },
  {
    title: "the writer's time is kept, and the log's own stands beside it",
    run: async ({ log, expect, clock }) => {
      await clock.advance(90_000)
      const [appended] = await write(log, 'service/web', 0, note('a', { at: '2026-11-23T01:00:00Z' }), note('b'))
      expect(appended?.events.map(({ at, recordedAt }) => [at, recordedAt])).toEqual([
        ['2026-11-23T01:00:00Z', '2026-11-23T02:01:30.000Z'],
        ['2026-11-23T02:01:30.000Z', '2026-11-23T02:01:30.000Z'],
      ])
    },
  },
  {
    title: 'several streams move together',
    run: async ({ log, expect }) => {
      const appended = await log.append([
        { stream: 'incident/web/1', expected: 0, events: [opened('web', 1)] },
        { stream: 'desk/manager/2026-11-23', expected: 'dedupe', events: [note('b', { id: 'x' })] },
      ])
      expect(appended.map(({ stream, version }) => [stream, version])).toEqual([
        ['incident/web/1', 1],
        ['desk/manager/2026-11-23', 1],
      ])
    },
  },
  {
    title: 'no stream moves when one expectation fails',
    run: async ({ log, expect }) => {
      await write(log, 'service/web', 0, note('a'))
      const writes: NonEmpty<Write> = [
        { stream: 'incident/web/1', expected: 0, events: [opened('web', 1)] },
        { stream: 'service/web', expected: 0, events: [note('b')] },
      ]
      expect(await codeOf(() => log.append(writes))).toBe('VERSION_CONFLICT')
      expect(await textsOf(log, 'incident/web/1')).toEqual([])
      expect(await textsOf(log, 'service/web')).toEqual(['a'])
      expect((await allOf(log.list())).length).toBe(0)
    },
  },
  {
    title: 'a conflict names the stream and its actual version',
    run: async ({ log, expect }) => {
      await write(log, 'service/web', 0, note('a'), note('b'))
      const error = await errorOf(() => write(log, 'service/web', 1, note('c')))
      expect([error['code'], error['stream'], error['actual']]).toEqual(['VERSION_CONFLICT', 'service/web', 2])
    },
  },
  {
    title: 'of several writes the conflict names the one whose stream has moved, wherever it stands',
    run: async ({ log, expect }) => {
      await write(log, 'service/moved', 0, note('a'), note('b'), note('c'))
      const still = (which: string) => ({ stream: `service/${which}`, expected: 0, events: [note('d')] })
      const moved = { stream: 'service/moved', expected: 2, events: [note('d')] }
      for (const writes of [
        [still('a'), moved],
        [still('a'), moved, still('b')],
        [still('a'), { ...moved, events: [] }],
      ] as unknown as NonEmpty<Write>[]) {
        const error = await errorOf(() => log.append(writes))
        expect([error.code, error['stream'], error['actual']]).toEqual(['VERSION_CONFLICT', 'service/moved', 3])
      }
    },
  },
  {
    title: 'names that differ in case, accents or spaces are different streams',
    run: async ({ log, expect }) => {
      const names = [
        'service/web',
        'service/Web',
        'SERVICE/web',
        'service/web ',
        'service/caf\u00e9',
        'service/cafe\u0301',
      ]
      for (const name of names) await write(log, name, 0, note(name))
      for (const name of names) expect(await textsOf(log, name)).toEqual([name])
      expect((await allOf(log.readAll())).map(({ stream }) => stream)).toEqual(names)
    },
  },
  {
    title: 'a stream that is shorter than expected is a conflict too',
    run: async ({ log, expect }) => {
      await write(log, 'service/web', 0, note('a'))
      const early = { since: 2, ignoring: ['note.added'] }
      expect(await codeOf(() => write(log, 'service/web', 2, note('b')))).toBe('VERSION_CONFLICT')
      expect(await codeOf(() => write(log, 'service/web', early, note('b')))).toBe('VERSION_CONFLICT')
      expect(await codeOf(() => write(log, 'service/new', 1, note('b')))).toBe('VERSION_CONFLICT')
    },
  },
  {
    title: 'of racing appends with the same expectation exactly one wins',
    run: async ({ log, expect }) => {
      const racing = Array.from({ length: 8 }, (_, index) => write(log, 'service/web', 0, note(String(index))))
      const settled = await Promise.allSettled(racing)
      expect(settled.filter(({ status }) => status === 'fulfilled').length).toBe(1)
      expect((await textsOf(log, 'service/web')).length).toBe(1)
    },
  },
  {
    title: 'an append that is refused costs its neighbours nothing',
    run: async ({ log, expect }) => {
      const settled = await Promise.allSettled([
        write(log, 'service/a', 0, note('a')),
        write(log, 'service/a', 7, note('wrong')),
        write(log, 'service/b', 0, { ...note('b'), data: { bad: Number.NaN } }),
        write(log, 'service/b', 0, note('b')),
        write(log, 'service/a', 1, note('c')),
      ])
      expect(settled.map(({ status }) => status === 'fulfilled')).toEqual([true, false, false, true, true])
      expect([await textsOf(log, 'service/a'), await textsOf(log, 'service/b')]).toEqual([['a', 'c'], ['b']])
    },
  },
  {
    title: 'since passes over listed types, and fails on any other',
    run: async ({ log, expect }) => {
      const observed = { type: 'signal.observed', actor: 'intake', data: { id: '1' } }
      await write(log, 'incident/web/1', 0, opened('web', 1), observed)
      await write(log, 'incident/web/1', { since: 1, ignoring: ['signal.observed'] }, note('claimed'))
      const again = { since: 1, ignoring: ['signal.observed'] }
      const error = await errorOf(() => write(log, 'incident/web/1', again, note('late')))
      expect([error['code'], error['actual']]).toEqual(['VERSION_CONFLICT', 3])
    },
  },
  {
    title: 'since fails closed on types that nobody knows',
    run: async ({ log, expect }) => {
      await write(log, 'incident/web/1', 0, opened('web', 1), { type: 'newer.thing', actor: 'x', data: {} })
      const expected = { since: 1, ignoring: ['signal.observed'] }
      expect(await codeOf(() => write(log, 'incident/web/1', expected, note('late')))).toBe('VERSION_CONFLICT')
    },
  },
  {
    title: 'a write without events only checks',
    run: async ({ log, expect }) => {
      await write(log, 'incident/web/1', 0, opened('web', 1))
      const check = (expected: Write['expected']) =>
        log.append([
          { stream: 'incident/web/1', expected, events: [] },
          { stream: 'incident/web/2', expected: 0, events: [opened('web', 2)] },
        ])
      expect(await codeOf(() => check(3))).toBe('VERSION_CONFLICT')
      expect((await allOf(log.read('incident/web/2'))).length).toBe(0)
      const [checked, written] = await check(1)
      expect([checked?.version, checked?.events.length, checked?.duplicate]).toEqual([1, 0, false])
      expect(written?.version).toBe(1)
    },
  },
  {
    title: 'two writes to one stream are both held against where it was before',
    run: async ({ log, expect }) => {
      await write(log, 'service/web', 0, note('a'))
      const both = await log.append([
        { stream: 'service/web', expected: 1, events: [note('b')] },
        { stream: 'service/web', expected: 1, events: [note('c')] },
      ])
      expect(both.map(({ version }) => version)).toEqual([3, 3])
      expect(await textsOf(log, 'service/web')).toEqual(['a', 'b', 'c'])
    },
  },
]
