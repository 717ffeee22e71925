import type { IncidentLog, NonEmpty, StreamId, Write } from '@firebreak/core'
import { allOf, codeOf, note, opened, resolvedBy, textsOf, write, type Case } from './kit.ts'

export const sharedCases: readonly Case[] = [
  {
    title: 'what was appended is there when the log is opened again',
    needs: ['durable'],
    run: async ({ log, expect, again }) => {
      await write(log, 'incident/web/1', 0, opened('web', 1), note('a', { id: 'x' }))
      const [events, listed, head] = [await allOf(log.readAll()), await allOf(log.list()), await log.head?.()]
      await log.close()
      const later = await again()
      expect(await allOf(later.readAll())).toEqual(events)
      expect(await allOf(later.list())).toEqual(listed)
      expect(await later.head?.()).toBe(head)
      const [next] = await write(later, 'incident/web/1', 2, note('b'))
      expect(next?.version).toBe(3)
      const [same] = await write(later, 'incident/web/1', 'dedupe', note('a', { id: 'x' }))
      expect(same?.duplicate).toBe(true)
    },
  },
  {
    title: 'no position is given twice, even when the last events were pruned and the log opened again',
    needs: ['durable', 'prune'],
    run: async ({ log, expect, again }) => {
      await write(log, 'incident/web/1', 0, opened('web', 1), resolvedBy('mia'))
      const seen = await log.head?.()
      await log.prune?.({ resolvedBefore: '2027-01-01T00:00:00Z' })
      await log.close()
      const later = await again()
      await write(later, 'service/web', 0, note('a'))
      expect((await allOf(later.readAll({ after: seen }))).map(({ stream }) => stream)).toEqual(['service/web'])
    },
  },
  {
    title: 'two that are open see each other, and neither overtakes the other unseen',
    needs: ['shared'],
    run: async ({ log, expect, again }) => {
      const other = await again()
      await write(log, 'service/web', 0, note('a'))
      expect(await codeOf(() => write(other, 'service/web', 0, note('b')))).toBe('VERSION_CONFLICT')
      await write(other, 'service/web', 1, note('b'))
      expect(await codeOf(() => write(log, 'service/web', 1, note('c')))).toBe('VERSION_CONFLICT')
      await write(log, 'service/web', 2, note('c', { id: 'x' }))
      const [known] = await write(other, 'service/web', 0, note('c', { id: 'x' }))
      expect(known?.duplicate).toBe(true)
      const ignoring = { since: 2, ignoring: ['signal.observed'] }
      expect(await codeOf(() => write(other, 'service/web', ignoring, note('d')))).toBe('VERSION_CONFLICT')
      expect([await textsOf(log, 'service/web'), await textsOf(other, 'service/web')]).toEqual([
        ['a', 'b', 'c'],
        ['a', 'b', 'c'],
      ])
    },
  },
  {
    title: 'a check on a stream that is not written to sees what the other wrote',
    needs: ['shared'],
    run: async ({ log, expect, again }) => {
      const other = await again()
      await write(log, 'incident/web/1', 0, opened('web', 1))
      await write(other, 'incident/web/1', 1, note('a'))
      const stale = () =>
        log.append([
          { stream: 'incident/web/1', expected: 1, events: [] },
          { stream: 'service/web', expected: 'dedupe', events: [note('b', { id: 'x' })] },
        ])
      expect(await codeOf(stale)).toBe('VERSION_CONFLICT')
      expect(await textsOf(log, 'service/web')).toEqual([])
    },
  },
  {
    title: 'of two that race for a version one wins, for an id both have it once',
    needs: ['shared'],
    run: async ({ log, expect, again }) => {
      const logs = [log, await again(), await again()]
      const rounds = 5
      let won = 0
      for (let round = 0; round < rounds; round += 1) {
        const settled = await Promise.allSettled(
          logs.flatMap((it) => [
            write(it, 'service/race', round, note(`r${round}`)),
            write(it, 'service/ids', 'dedupe', note(`i${round}`, { id: `i${round}` })),
          ]),
        )
        const [racing, deduped] = [0, 1].map((which) => settled.filter((_, index) => index % 2 === which))
        won += racing?.filter(({ status }) => status === 'fulfilled').length ?? 0
        expect(deduped?.every(({ status }) => status === 'fulfilled')).toBe(true)
      }
      expect(won).toBe(rounds)
      const texts = (letter: string) => Array.from({ length: rounds }, (_, round) => `${letter}${round}`)
      expect(await textsOf(log, 'service/race')).toEqual(texts('r'))
      expect(await textsOf(log, 'service/ids')).toEqual(texts('i'))
    },
  },
  {
    title: 'readAll of one follows the other without a gap while both write',
    needs: ['shared'],
    run: async ({ log, expect, again }) => {
      const other = await again()
      const seen: string[] = []
      let after: string | undefined
      const follow = async () => {
        for await (const event of other.readAll({ after })) {
          seen.push(event.id)
          after = event.position
        }
      }
      const rounds = 20
      for (let round = 0; round < rounds; round += 1) {
        const writing = [log, other].map((it, index) => write(it, `service/${index}`, round, note(String(round))))
        await Promise.all([...writing, follow()])
      }
      await follow()
      const everything = (await allOf(log.readAll())).map(({ id }) => id)
      expect(seen).toEqual(everything)
      expect(seen.length).toBe(2 * rounds)
    },
  },
  {
    title: 'a subscriber hears of appends, and not after it has gone',
    needs: ['subscribe'],
    run: async ({ log, expect }) => {
      const heard: StreamId[] = []
      const waiting = Promise.withResolvers<void>()
      const bad = log.subscribe?.(() => {
        throw new Error('a listener of somebody else')
      })
      const subscription = log.subscribe?.((streams) => {
        heard.push(...streams)
        waiting.resolve()
      })
      await write(log, 'service/web', 0, note('a'))
      await waiting.promise
      expect([...new Set(heard)]).toEqual(['service/web'])
      subscription?.close()
      subscription?.close()
      bad?.close()
      await write(log, 'service/api', 0, note('b'))
      await write(log, 'service/api', 1, note('c'))
      expect(heard.includes('service/api')).toBe(false)
    },
  },
  {
    title: 'a subscriber hears of every stream of an append',
    needs: ['subscribe'],
    run: async ({ log, expect }) => {
      const heard = new Set<StreamId>()
      const waiting = Promise.withResolvers<void>()
      const streams = ['service/a', 'service/b', 'service/c']
      const subscription = log.subscribe?.((changed) => {
        for (const stream of changed) heard.add(stream)
        // A second append, so that a log which leaves some out does not make the suite wait.
        if (heard.has('service/last')) waiting.resolve()
      })
      const writes = streams.map((stream) => ({ stream, expected: 0, events: [note('a')] }))
      await log.append(writes as unknown as NonEmpty<Write>)
      await write(log, 'service/last', 0, note('b'))
      await waiting.promise
      subscription?.close()
      expect([...heard].sort()).toEqual([...streams, 'service/last'])
    },
  },
  {
    title: 'a subscriber hears of what is redacted and what is restored, also when another one has gone',
    needs: ['subscribe', 'redact', 'restore'],
    run: async ({ log, expect, again }) => {
      await write(log, 'service/web', 0, note('a'))
      const events = (await allOf(log.readAll())).map(({ position: _position, ...event }) => event)
      const other = await again('other')
      const hear = async (from: IncidentLog, work: () => Promise<unknown> | undefined) => {
        const heard = new Set<StreamId>()
        const waiting = Promise.withResolvers<void>()
        from.subscribe?.(() => undefined).close()
        const subscription = from.subscribe?.((streams) => {
          for (const stream of streams) heard.add(stream)
          if (heard.has('service/last')) waiting.resolve()
        })
        from.subscribe?.(() => undefined).close()
        await work()
        await write(from, 'service/last', 0, note('b'))
        await waiting.promise
        subscription?.close()
        return [...heard].sort()
      }
      expect(await hear(log, () => log.redact?.('service/web', 1, 'name'))).toEqual(['service/last', 'service/web'])
      expect(await hear(other, () => other.restore?.(events))).toEqual(['service/last', 'service/web'])
    },
  },
  {
    title: 'nobody can listen to a log that was closed',
    needs: ['subscribe'],
    run: async ({ log, expect }) => {
      await log.close()
      expect(await codeOf(async () => log.subscribe?.(() => undefined))).toBe('LOG_CLOSED')
    },
  },
  {
    title: 'nobody is gone who is here or was never heard of, and who left is',
    needs: ['presence'],
    run: async ({ log, expect }) => {
      const { signal } = new AbortController()
      const one = await log.presence?.('one', { signal })
      const two = await log.presence?.('two', { signal })
      expect([await one?.isGone('two'), await two?.isGone('one'), await one?.isGone('never')]).toEqual([
        false,
        false,
        false,
      ])
      await two?.[Symbol.asyncDispose]()
      await two?.[Symbol.asyncDispose]()
      expect([await one?.isGone('two'), await one?.isGone('one')]).toEqual([true, false])
      const back = await log.presence?.('two', { signal })
      expect(await one?.isGone('two')).toBe(false)
      await back?.[Symbol.asyncDispose]()
      await one?.[Symbol.asyncDispose]()
    },
  },
  {
    title: 'who aborts is gone',
    needs: ['presence'],
    run: async ({ log, expect }) => {
      const stopping = new AbortController()
      const watching = await log.presence?.('watching', { signal: new AbortController().signal })
      await log.presence?.('stopping', { signal: stopping.signal })
      expect(await watching?.isGone('stopping')).toBe(false)
      stopping.abort()
      while ((await watching?.isGone('stopping')) !== true);
      const late = await codeOf(async () => log.presence?.('late', { signal: AbortSignal.abort({ code: 'STOPPED' }) }))
      expect(late).toBe('STOPPED')
    },
  },
  {
    title: 'who closes the log is gone',
    needs: ['presence', 'shared'],
    run: async ({ log, expect, again }) => {
      const { signal } = new AbortController()
      const watching = await log.presence?.('watching', { signal })
      const other = await again()
      const closing = await other.presence?.('closing', { signal })
      expect([await watching?.isGone('closing'), await closing?.isGone('watching')]).toEqual([false, false])
      await other.close()
      while ((await watching?.isGone('closing')) !== true);
      expect(await watching?.isGone('watching')).toBe(false)
    },
  },
]
