import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { seededRandom } from '@firebreak/core'
import { expect, test } from 'vitest'
import { verifyLog } from './index.ts'
import { sqliteLog } from './sqlite.ts'
import { allOf } from './testing/kit.ts'

const kills = 40

/** Appends as fast as it can on shared and own streams; prints an id when its append has resolved. */
const writer = (path: string, name: string) => `
  import { sqliteLog } from '@firebreak/incident-log/sqlite'
  const log = sqliteLog({ path: ${JSON.stringify(path)} })
  let count = 0
  const caller = async (lane) => {
    for (;;) {
      const id = '${name}/' + lane + '/' + (count += 1)
      const event = { id, type: 'note.added', actor: '${name}', data: { text: 'x'.repeat(count % 500) } }
      await log.append([
        { stream: 'service/shared', expected: 'dedupe', events: [event] },
        { stream: 'service/${name}/' + lane, expected: 'dedupe', events: [event, { ...event, id: id + '/b' }] },
      ])
      process.stdout.write(id + ' ok\\n')
    }
  }
  await Promise.all(Array.from({ length: 8 }, (_, lane) => caller(lane)))`

function start(path: string, name: string, acknowledged: Set<string>) {
  const child = spawn(
    process.execPath,
    ['--conditions=@firebreak/source', '--input-type=module', '-e', writer(path, name)],
    {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const lines = createInterface({ input: child.stdout })
  // A line that was cut by the kill does not count.
  lines.on('line', (line) => line.endsWith(' ok') && acknowledged.add(line.slice(0, -3)))
  const drained = new Promise((resolve) => lines.once('close', resolve))
  const first = new Promise((resolve) => lines.once('line', resolve))
  return { first, kill: () => (child.kill('SIGKILL'), drained) }
}

test(`two processes on one file, ${kills} SIGKILLs in the middle of writing: all that was acknowledged is there, once, and the chains verify`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'firebreak-kill-'))
  const path = join(folder, 'incidents.db')
  const random = seededRandom(7)
  const acknowledged = new Set<string>()
  let survivor = start(path, 'w0', acknowledged)
  await survivor.first
  for (let round = 1; round <= kills; round += 1) {
    const other = start(path, `w${round}`, acknowledged)
    await other.first
    await new Promise((resolve) => setTimeout(resolve, random() * 60))
    await survivor.kill()
    survivor = other
  }
  await survivor.kill()

  const log = sqliteLog({ path })
  const verdict = await verifyLog(log)
  expect(verdict.broken).toEqual([])
  const events = await allOf(log.readAll())
  const shared = events.filter(({ stream }) => stream === 'service/shared').map(({ id }) => id)
  const found = new Set(shared)
  expect([...acknowledged].filter((id) => !found.has(id))).toEqual([])
  expect(shared.length).toBe(found.size)
  // All streams of an append, or none.
  const own = new Set(events.filter(({ stream }) => stream !== 'service/shared').map(({ id }) => id))
  expect(shared.filter((id) => !own.has(id) || !own.has(`${id}/b`))).toEqual([])
  expect(own.size).toBe(2 * found.size)
  await log.close()
  rmSync(folder, { recursive: true, force: true })
  console.log(
    `${kills} kills, ${acknowledged.size} acknowledged, ${found.size} recorded, ${verdict.streams} chains verify`,
  )
})
