import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { seededRandom, type Signal } from '@firebreak/core'
import { verifyLog } from '@firebreak/incident-log'
import { sqliteLog } from '@firebreak/incident-log/sqlite'
import { expect, test } from 'vitest'
import { bundle, commandEntry } from './fixtures/bundle.ts'
import { sendLoad } from './fixtures/http-load.ts'
import { spawnSource } from './fixtures/spawned.ts'

const kills = 200
/** Two at a time on two files: starting costs most of the time. */
const lanes = 2
const services = 20

interface Verdict {
  readonly acknowledged: number
  readonly recorded: number
  readonly streams: number
}

async function killAgainAndAgain(main: string, lane: number, times: number): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-serve-kill-'))
  const db = join(folder, 'incidents.db')
  const random = seededRandom(lane + 1)
  const acknowledged: string[] = []
  let serial = 0
  for (let kill = 0; kill < times; kill += 1) {
    const token = 'prove-token'
    const server = spawnSource(main, {
      args: ['serve', '--port', '0', '--db', db],
      env: { FIREBREAK_TOKEN: token },
      cwd: folder,
    })
    const port = Number((await server.line(/listens on http:\/\/127\.0\.0\.1:(\d+)/))[1])
    const next = () => {
      serial += 1
      return JSON.stringify(signal(`${lane}-${serial}`, serial % services))
    }
    const taken = Promise.withResolvers<void>()
    const load = sendLoad({
      port,
      connections: 8,
      path: '/signals',
      token,
      next,
      answered(status, body) {
        if (status < 200 || status >= 300) return
        acknowledged.push((JSON.parse(body) as Signal).id)
        taken.resolve()
      },
    })
    await taken.promise
    await pause(random() * 150)
    await server.end('SIGKILL')
    await load
  }

  // What the next start would read.
  const log = sqliteLog({ path: db })
  const { broken, streams } = await verifyLog(log)
  expect(broken).toEqual([])
  const recorded = new Map<string, number>()
  for await (const event of log.readAll({ limit: 10_000_000 })) {
    if (event.type !== 'signal.observed') continue
    const { also = [], ...first } = event.data as Signal & { also?: readonly Signal[] }
    for (const { id } of [first, ...also]) recorded.set(id, (recorded.get(id) ?? 0) + 1)
  }
  await log.close()
  expect(acknowledged.filter((id) => !recorded.has(id))).toEqual([])
  rmSync(folder, { recursive: true, force: true })
  return { acknowledged: acknowledged.length, recorded: recorded.size, streams }
}

function signal(name: string, service: number): object {
  return {
    id: `signal-${name}`,
    key: `key-${name}`,
    source: 'prove',
    measured: false,
    service: `service-${service}`,
    status: 'firing',
    at: new Date().toISOString(),
    summary: 'does not answer',
    symptoms: [{ kind: 'stated', severity: 'P1' }],
    labels: {},
    links: [],
  }
}

test(`firebreak serve, killed ${kills} times under load: every 2xx is in the log, and the chains verify`, async () => {
  const dist = mkdtempSync(join(tmpdir(), 'firebreak-dist-'))
  const [main = ''] = await bundle(dist, [commandEntry])
  const verdicts = await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => killAgainAndAgain(main, lane, kills / lanes)),
  )
  rmSync(dist, { recursive: true, force: true })
  const sum = (pick: (verdict: Verdict) => number) => verdicts.reduce((total, verdict) => total + pick(verdict), 0)
  expect(sum(({ acknowledged }) => acknowledged)).toBeGreaterThan(kills)
  console.log(
    `${kills} kills, ${sum((it) => it.acknowledged)} acknowledged, ${sum((it) => it.recorded)} recorded, ${sum((it) => it.streams)} chains verify`,
  )
})
