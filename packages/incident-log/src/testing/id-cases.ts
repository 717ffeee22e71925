import { allOf, codeOf, errorOf, note, textsOf, write, type Case } from './kit.ts'

export const idCases: readonly Case[] = [
  {
    title: 'the same id with the same content gives the first result, whatever is expected',
    run: async ({ log, expect, clock }) => {
      const [first] = await write(log, 'service/web', 0, note('a', { id: 'x', causationId: 'y' }))
      await clock.advance(60_000)
      const [again] = await write(log, 'service/web', 0, note('a', { id: 'x', causationId: 'y' }))
      expect(again).toEqual({ ...first, duplicate: true })
      expect(await textsOf(log, 'service/web')).toEqual(['a'])
    },
  },
  {
    title: 'the same id with other content is refused, and names the id',
    run: async ({ log, expect }) => {
      await write(log, 'service/web', 0, note('a', { id: 'x' }))
      const error = await errorOf(() => write(log, 'service/web', 1, note('b', { id: 'x' })))
      expect([error['code'], error['stream'], error['id']]).toEqual(['ID_CONFLICT', 'service/web', 'x'])
      for (const other of [{ type: 'note.edited' }, { actor: 'person:bo' }, { causationId: 'y' }])
        expect(await codeOf(() => write(log, 'service/web', 'dedupe', note('a', { id: 'x', ...other })))).toBe(
          'ID_CONFLICT',
        )
      expect(await textsOf(log, 'service/web')).toEqual(['a'])
    },
  },
  {
    title: 'a retry at a later time, or with keys in another order, is the same content',
    run: async ({ log, expect }) => {
      const one = note('a', {
        id: 'x',
        at: '2026-11-23T02:00:00Z',
        data: { by: 'mia', text: 'a', list: [{ p: 1, q: 2 }] },
      })
      const other = note('a', {
        id: 'x',
        at: '2026-11-23T02:00:05Z',
        data: { list: [{ q: 2, p: 1 }], text: 'a', by: 'mia' },
      })
      await write(log, 'service/web', 0, one)
      const [again] = await write(log, 'service/web', 'dedupe', other)
      expect([again?.duplicate, again?.events[0]?.at]).toEqual([true, '2026-11-23T02:00:00Z'])
    },
  },
  {
    title: 'an id belongs to its stream',
    run: async ({ log, expect }) => {
      await write(log, 'service/a', 'dedupe', note('a', { id: 'x' }))
      const [other] = await write(log, 'service/b', 'dedupe', note('b', { id: 'x' }))
      expect([other?.version, other?.duplicate]).toEqual([1, false])
    },
  },
  {
    title: 'ids that differ in case, accents or spaces are different ids',
    run: async ({ log, expect }) => {
      const ids = ['x', 'X', 'x ', 'caf\u00e9', 'cafe\u0301']
      for (const id of ids) {
        const [appended] = await write(log, 'service/web', 'dedupe', note(id, { id }))
        expect(appended?.duplicate).toBe(false)
      }
      expect((await allOf(log.read('service/web'))).map(({ id }) => id)).toEqual(ids)
      const [again] = await write(log, 'service/web', 'dedupe', note('X', { id: 'X' }))
      expect([again?.duplicate, again?.events[0]?.version]).toEqual([true, 2])
    },
  },
  {
    title: 'dedupe records what is new of a write, in order, and answers with all of it',
    run: async ({ log, expect }) => {
      await write(log, 'service/web', 'dedupe', note('b', { id: 'b' }))
      const events = ['a', 'b', 'c'].map((text) => note(text, { id: text }))
      const [mixed] = await write(log, 'service/web', 'dedupe', ...events)
      expect([mixed?.duplicate, mixed?.version]).toEqual([false, 3])
      expect(mixed?.events.map(({ id, version }) => [id, version])).toEqual([
        ['a', 2],
        ['b', 1],
        ['c', 3],
      ])
      const [again] = await write(log, 'service/web', 'dedupe', ...events)
      expect([again?.duplicate, again?.version]).toEqual([true, 3])
    },
  },
  {
    title: 'dedupe needs an id for every event',
    run: async ({ log, expect }) => {
      const error = await errorOf(() => write(log, 'service/web', 'dedupe', note('a', { id: 'x' }), note('b')))
      expect([error['code'], error['field']]).toEqual(['INVALID_INPUT', 'writes[0].events[1].id'])
      expect(await textsOf(log, 'service/web')).toEqual([])
    },
  },
  {
    title: 'a duplicate among other writes neither fails them nor is written twice',
    run: async ({ log, expect }) => {
      await write(log, 'desk/manager/d', 'dedupe', note('page', { id: 'p' }))
      const appended = await log.append([
        { stream: 'service/web', expected: 0, events: [note('a')] },
        { stream: 'desk/manager/d', expected: 'dedupe', events: [note('page', { id: 'p' })] },
      ])
      expect(appended.map(({ duplicate }) => duplicate)).toEqual([false, true])
      expect(await textsOf(log, 'desk/manager/d')).toEqual(['page'])
    },
  },
  {
    title: 'a duplicate beside a write that is new passes whatever is expected, also since a version long gone',
    run: async ({ log, expect }) => {
      await write(log, 'service/web', 0, note('a', { id: 'x' }), note('b'))
      const appended = await log.append([
        { stream: 'service/web', expected: { since: 0, ignoring: [] }, events: [note('a', { id: 'x' })] },
        { stream: 'service/api', expected: 0, events: [note('c')] },
      ])
      expect(appended.map(({ duplicate }) => duplicate)).toEqual([true, false])
      expect(await textsOf(log, 'service/api')).toEqual(['c'])
    },
  },
  {
    title: 'new events beside a duplicate are held to the expectation',
    run: async ({ log, expect }) => {
      await write(log, 'service/web', 0, note('a', { id: 'x' }), note('b'))
      const events = [note('a', { id: 'x' }), note('c')]
      expect(await codeOf(() => write(log, 'service/web', 1, ...events))).toBe('VERSION_CONFLICT')
      const [appended] = await write(log, 'service/web', 2, ...events)
      expect(appended?.events.map(({ version }) => version)).toEqual([1, 3])
    },
  },
  {
    title: 'one id twice in one append is one event',
    run: async ({ log, expect }) => {
      const twin = note('a', { id: 'x' })
      const both = await log.append([
        { stream: 'service/web', expected: 'dedupe', events: [twin, twin] },
        { stream: 'service/web', expected: 'dedupe', events: [twin] },
      ])
      expect(both.map(({ version, duplicate }) => [version, duplicate])).toEqual([
        [1, false],
        [1, true],
      ])
      const clash = [note('b', { id: 'y' }), note('c', { id: 'y' })]
      expect(await codeOf(() => write(log, 'service/web', 'dedupe', ...clash))).toBe('ID_CONFLICT')
      expect(await textsOf(log, 'service/web')).toEqual(['a'])
    },
  },
  {
    title: 'racing appends of one id give one event',
    run: async ({ log, expect }) => {
      const racing = Array.from({ length: 8 }, () => write(log, 'service/web', 'dedupe', note('a', { id: 'x' })))
      const appended = (await Promise.all(racing)).flat()
      expect(appended.filter(({ duplicate }) => !duplicate).length).toBe(1)
      expect(new Set(appended.map(({ events }) => events[0]?.hash)).size).toBe(1)
      expect(await textsOf(log, 'service/web')).toEqual(['a'])
    },
  },
  {
    title: 'ids that the log derives cannot be taken by a writer',
    run: async ({ log, expect }) => {
      const error = await errorOf(() => write(log, 'service/web', 0, note('a', { id: 'service/web@2' })))
      expect(error['code']).toBe('INVALID_INPUT')
    },
  },
]
