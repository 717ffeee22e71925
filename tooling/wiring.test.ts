import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  createBus,
  once,
  record,
  relay,
  seededRandom,
  type IncidentLog,
  type Json,
} from '../packages/core/src/index.ts'
import { collect, createTestClock, type TestClock } from '../packages/core/src/testing/index.ts'
import { memoryLog } from '../packages/incident-log/src/index.ts'
import { sqliteLog } from '../packages/incident-log/src/sqlite.ts'

const scratch = mkdtempSync(join(tmpdir(), 'firebreak-wiring-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const stream = 'incident/shop/1'
const own = (type: string, data: object) => ({ type, actor: 'own', data })

/** A responder of one's own: opens, pages once, resolves when paged. Gives how often it sent. */
function responderOn(log: IncidentLog, clock: TestClock, seed: number, { dies = false }: { dies?: boolean } = {}) {
  const bus = createBus()
  const stopping = new AbortController()
  const sent: Json[] = []
  // A process that died neither acts nor renews: nothing wakes it.
  const alive = {
    now: () => clock.now(),
    sleep: dies ? () => new Promise<void>(() => undefined) : clock.sleep.bind(clock),
  }
  const options = { clock: alive, random: seededRandom(seed), leaseMs: 10_000 }
  bus.on('incident.changed', ({ incident }) => {
    if (incident.severity !== 'P0') return undefined
    return once(
      log,
      incident.stream,
      'page/manager',
      async ({ idempotencyKey, takeover }) => {
        sent.push({ idempotencyKey, takeover })
        if (dies) await new Promise(() => undefined)
        return [own('page.sent', { to: 'manager', idempotencyKey })]
      },
      options,
    )
  })
  bus.on('page.sent', (_page, recorded) =>
    record(log, recorded!.stream, (incident) =>
      incident.status === 'resolved' ? [] : [own('incident.resolved', { service: 'shop' })],
    ),
  )
  const running = relay(log, bus, { clock, signal: stopping.signal, pollMs: 500 })
  const stop = async () => {
    stopping.abort()
    await running
  }
  return { bus, sent, stop }
}

const open = (log: IncidentLog) =>
  record(log, stream, ({ version }) =>
    version > 0
      ? []
      : [
          own('incident.opened', { service: 'shop', code: '7K42', number: 1 }),
          own('incident.assessed', { severity: 'P0', reasons: [] }),
        ],
  )

/** Two views of one log: the same object in memory, two connections to one file. */
const stores: Record<string, (clock: TestClock) => readonly [IncidentLog, IncidentLog]> = {
  memory(clock) {
    const log = memoryLog({ clock })
    return [log, log]
  },
  sqlite(clock) {
    const path = join(scratch, `${Math.random()}.db`)
    return [sqliteLog({ path, clock }), sqliteLog({ path, clock })]
  },
}

/** Moves time on while real I/O goes on beside it, until it has become true. */
async function until(clock: TestClock, done: () => Promise<boolean>) {
  for (let step = 0; step < 400; step += 1) {
    if (await done()) return
    await clock.advance(100)
  }
  throw new Error('has not happened in 40 s of virtual time')
}
const typesOf = async (log: IncidentLog) => (await collect(log.read(stream))).map(({ type }) => type)

for (const [name, storesFor] of Object.entries(stores)) {
  describe(`record, once and relay on ${name}`, () => {
    test('two responders page once, and what one records reaches the bus of the other', async () => {
      const clock = createTestClock()
      const [left, right] = storesFor(clock)
      const first = responderOn(left, clock, 1)
      const second = responderOn(right, clock, 2)
      const heard: string[] = []
      second.bus.on('incident.resolved', () => heard.push('resolved'))
      await clock.advance(0)
      await open(left)
      await until(clock, async () => heard.length > 0)
      expect([...first.sent, ...second.sent]).toHaveLength(1)
      expect(await typesOf(right)).toEqual([
        'incident.opened',
        'incident.assessed',
        'action.started',
        'page.sent',
        'action.finished',
        'incident.resolved',
      ])
      await first.stop()
      await second.stop()
      await left.close()
      if (right !== left) await right.close()
    })

    test('what one began before it died, the other finishes under the same key', async () => {
      const clock = createTestClock()
      const [left, right] = storesFor(clock)
      const first = responderOn(left, clock, 1, { dies: true })
      await clock.advance(0)
      await open(left)
      await until(clock, async () => first.sent.length > 0)
      await first.stop()

      const second = responderOn(right, clock, 2)
      await until(clock, async () => (await typesOf(right)).includes('incident.resolved'))
      expect(second.sent).toEqual([
        { idempotencyKey: (first.sent[0] as { idempotencyKey: string }).idempotencyKey, takeover: true },
      ])
      await second.stop()
      await left.close()
      if (right !== left) await right.close()
    })
  })
}
