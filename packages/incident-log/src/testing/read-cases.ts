import { linkOf, summarize, verifyChain, type IncidentSummary } from '@firebreak/core'
import { allOf, codeOf, note, opened, resolvedBy, textsOf, write, type Case } from './kit.ts'

export const readCases: readonly Case[] = [
  {
    title: 'an unknown stream is empty, not an error',
    run: async ({ log, expect }) => {
      expect(await allOf(log.read('incident/none/1'))).toEqual([])
    },
  },
  {
    title: 'read begins where it is asked to',
    run: async ({ log, expect }) => {
      await write(log, 'service/web', 0, note('a'), note('b'), note('c'))
      expect(await textsOf(log, 'service/web', 0)).toEqual(['a', 'b', 'c'])
      expect(await textsOf(log, 'service/web', 2)).toEqual(['b', 'c'])
      expect(await textsOf(log, 'service/web', 4)).toEqual([])
    },
  },
  {
    title: 'a long stream is read whole and in order',
    run: async ({ log, expect }) => {
      const texts = Array.from({ length: 1_100 }, (_, index) => String(index))
      await write(log, 'service/web', 0, ...texts.map((text) => note(text)))
      expect(await textsOf(log, 'service/web')).toEqual(texts)
    },
  },
  {
    title: 'data comes back as JSON keeps it, and cannot be changed from outside',
    run: async ({ log, expect }) => {
      const data = {
        text: 'ünïcødé \u0000 \ud800 "quoted" \u2028',
        number: 1e-7,
        zero: -0,
        nothing: null,
        gone: undefined,
        list: [1, [true, {}]],
        10: 'ten',
        ['__proto__']: { polluted: false },
      }
      const kept = JSON.parse(JSON.stringify(data)) as object
      const [appended] = await write(log, 'service/web', 0, note('', { data }))
      data.list.push(2)
      Object.assign(appended?.events[0]?.data ?? {}, { text: 'changed' })
      const [event] = await allOf(log.read('service/web'))
      expect(JSON.stringify(event?.data)).toBe(JSON.stringify(kept))
      expect(Object.hasOwn(event?.data ?? {}, '__proto__')).toBe(true)
      expect(Object.getPrototypeOf(event?.data)).toBe(Object.prototype)
    },
  },
  {
    title: 'the chain of a stream verifies from what read gives',
    run: async ({ log, expect }) => {
      await write(log, 'incident/web/1', 0, opened('web', 1), note('a', { id: 'x', causationId: 'y' }))
      await write(log, 'incident/web/1', 2, note('\ud800 b', { at: '2026-11-23T03:00:00+01:00' }))
      const events = await allOf(log.read('incident/web/1'))
      expect(verifyChain(events.map(linkOf)).ok).toBe(true)
      const edited = events.map((event, index) => (index === 1 ? { ...event, data: { text: 'b' } } : event))
      expect(verifyChain(edited.map(linkOf)).ok).toBe(false)
      expect(new Set(events.map((event) => event.salt)).size).toBe(3)
    },
  },
  {
    title: 'readAll gives every stream in the order of the appends',
    run: async ({ log, expect }) => {
      await write(log, 'service/b', 0, note('1'), note('2'))
      await write(log, 'service/a', 0, note('3'))
      await write(log, 'service/b', 2, note('4'))
      const all = await allOf(log.readAll())
      expect(all.map(({ stream, version }) => `${stream} ${version}`)).toEqual([
        'service/b 1',
        'service/b 2',
        'service/a 1',
        'service/b 3',
      ])
    },
  },
  {
    title: 'readAll goes on after a position, exclusive, and stops at a limit',
    run: async ({ log, expect }) => {
      await write(log, 'service/web', 0, ...['1', '2', '3', '4'].map((text) => note(text)))
      const two = await allOf(log.readAll({ limit: 2 }))
      const rest = await allOf(log.readAll({ after: two.at(-1)?.position }))
      expect(rest.map(({ version }) => version)).toEqual([3, 4])
      expect(await allOf(log.readAll({ after: rest.at(-1)?.position }))).toEqual([])
      expect(await allOf(log.readAll({ limit: 0 }))).toEqual([])
      await write(log, 'service/other', 0, note('5'))
      const later = await allOf(log.readAll({ after: rest.at(-1)?.position }))
      expect(later.map(({ stream }) => stream)).toEqual(['service/other'])
    },
  },
  {
    title: 'readAll leaves nothing out, read at once or page by page',
    run: async ({ log, expect }) => {
      const names = ['service/a', 'service/b', 'service/c']
      for (let round = 0; round < 4; round += 1)
        for (const name of names)
          await write(log, name, round * 100, ...Array.from({ length: 100 }, (_, index) => note(String(index))))
      const all = await allOf(log.readAll())
      expect(all.length).toBe(1_200)
      for (const limit of [1, 7, 250, 1_200]) {
        // The single ones only from the end, which is enough.
        let after = limit === 1 ? all.at(-5)?.position : undefined
        const read = limit === 1 ? all.slice(0, -4) : []
        for (;;) {
          const page = await allOf(log.readAll({ after, limit }))
          expect(page.length <= limit).toBe(true)
          read.push(...page)
          if (page.length < limit) break
          after = page.at(-1)?.position
        }
        expect(read.map(({ id }) => id)).toEqual(all.map(({ id }) => id))
      }
    },
  },
  {
    title: 'a position that readAll did not give is refused',
    run: async ({ log, expect }) => {
      expect(await codeOf(() => allOf(log.readAll({ after: "1' OR 1=1" })))).toBe('INVALID_INPUT')
    },
  },
  {
    title: 'head is the position of the last event',
    run: async ({ log, expect }) => {
      if (log.head === undefined) return
      expect(await log.head()).toBe(undefined)
      await write(log, 'service/web', 0, note('1'), note('2'))
      const all = await allOf(log.readAll())
      expect(await log.head()).toBe(all.at(-1)?.position)
    },
  },
  {
    title: 'list says what the events of an incident add up to',
    run: async ({ log, expect, clock }) => {
      await write(log, 'incident/web/1', 0, opened('web', 1), note('a'))
      await clock.advance(1_000)
      await write(log, 'incident/web/1', 2, note('b'))
      await write(log, 'service/web', 0, note('not an incident'))
      const folded = (await allOf(log.read('incident/web/1'))).reduce<IncidentSummary | undefined>(summarize, undefined)
      expect(await allOf(log.list())).toEqual([folded])
    },
  },
  {
    title: 'list says it after every change, also after a reopening',
    run: async ({ log, expect, clock }) => {
      const about = { service: 'web', why: 'x', how: 'x', by: 'mia' }
      const changes = ['incident.mitigated', 'incident.resolved', 'incident.reopened', 'incident.resolved']
      await write(log, 'incident/web/1', 0, opened('web', 1))
      for (const [index, type] of changes.entries()) {
        await clock.advance(1_000)
        await write(log, 'incident/web/1', index + 1, { type, actor: 'responder', data: about })
        const events = await allOf(log.read('incident/web/1'))
        expect(await allOf(log.list())).toEqual([events.reduce<IncidentSummary | undefined>(summarize, undefined)])
      }
    },
  },
  {
    title: 'the service of an incident is what its events say, not what its stream is called',
    run: async ({ log, expect }) => {
      await write(log, 'incident/checkout%2Feu/1', 0, opened('checkout/eu', 1))
      await write(log, 'incident/web/1', 0, opened('Web', 1))
      const streams = async (service: string) => (await allOf(log.list({ service }))).map(({ stream }) => stream)
      expect(await streams('checkout/eu')).toEqual(['incident/checkout%2Feu/1'])
      expect(await streams('Web')).toEqual(['incident/web/1'])
      for (const nobody of ['checkout%2Feu', 'web', 'WEB', '']) expect(await streams(nobody)).toEqual([])
    },
  },
  {
    title: 'list is newest first, and keeps to service, status and limit',
    run: async ({ log, expect, clock }) => {
      for (const number of [1, 2, 3]) {
        for (const service of ['web', 'api']) {
          await write(log, `incident/${service}/${number}`, 0, opened(service, number))
          await clock.advance(1_000)
        }
      }
      await write(log, 'incident/web/1', 1, resolvedBy('mia'))
      await write(log, 'incident/api/2', 1, {
        type: 'incident.mitigated',
        actor: 'r',
        data: { service: 'api', how: 'x' },
      })
      const names = async (query: Parameters<typeof log.list>[0]) =>
        (await allOf(log.list(query))).map(({ service, number }) => `${service}${number}`)
      expect(await names({})).toEqual(['api3', 'web3', 'api2', 'web2', 'api1', 'web1'])
      expect(await names({ status: ['open', 'mitigated'] })).toEqual(['api3', 'web3', 'api2', 'web2', 'api1'])
      expect(await names({ status: ['resolved'] })).toEqual(['web1'])
      expect(await names({ status: ['mitigated', 'resolved'] })).toEqual(['api2', 'web1'])
      expect(await names({ service: 'api' })).toEqual(['api3', 'api2', 'api1'])
      expect(await names({ service: 'api', status: ['open'], limit: 1 })).toEqual(['api3'])
      expect(await names({ status: [] })).toEqual([])
      expect(await names({ limit: 0 })).toEqual([])
      await write(log, 'incident/web/1', 2, {
        type: 'incident.reopened',
        actor: 'r',
        data: { service: 'web', why: 'x' },
      })
      expect(await names({ service: 'web', status: ['open'] })).toEqual(['web3', 'web2', 'web1'])
    },
  },
  {
    title: 'of incidents that were opened in the same millisecond the later name is first, by its bytes as UTF-8',
    run: async ({ log, expect }) => {
      const names = ['incident/A/1', 'incident/a/1', 'incident/a/2', 'incident/\uffff/1', 'incident/😀/1']
      for (const name of [2, 4, 0, 3, 1]) await write(log, names[name] ?? '', 0, opened('web', 1))
      expect((await allOf(log.list())).map(({ stream }) => stream)).toEqual(names.toReversed())
      expect((await allOf(log.list({ limit: 2 }))).map(({ stream }) => stream)).toEqual(names.slice(-2).toReversed())
    },
  },
  {
    title: 'list stops when its signal aborts',
    run: async ({ log, expect }) => {
      await write(log, 'incident/web/1', 0, opened('web', 1))
      const stopped = AbortSignal.abort(Object.assign(new Error('stop'), { code: 'STOPPED' }))
      expect(await codeOf(() => allOf(log.list({ signal: stopped })))).toBe('STOPPED')
    },
  },
]
