import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sqliteLog } from '../sqlite.ts'
import { note, opened, write } from '../testing/kit.ts'

let root: string
let folder: string
let path: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'firebreak-read-only-'))
  chmodSync(root, 0o755)
  folder = join(root, 'a b#?%20')
  mkdirSync(folder)
  path = join(folder, 'incidents.db')
})
afterEach(() => {
  chmodSync(folder, 0o755)
  rmSync(root, { recursive: true, force: true })
})

async function fill(file: string) {
  const log = sqliteLog({ path: file })
  await write(log, 'incident/web/1', 0, opened('web', 1), note('a'))
  return log
}

/** What a user who may only read finds, in a process of his own: whoever runs the tests may be allowed everything. */
function read(between = '') {
  const script = `
    const { sqliteLog } = await import('@firebreak/incident-log/sqlite')
    const { verifyLog } = await import('@firebreak/incident-log')
    if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534) }
    try {
      const log = sqliteLog({ path: ${JSON.stringify(path)}, readOnly: true })
      const { ok, events } = await verifyLog(log)
      ${between}
      const listed = await Array.fromAsync(log.list())
      await log.close()
      console.log(JSON.stringify([ok, events, listed.length]))
    } catch (error) {
      console.log(JSON.stringify([error.code, error.message]))
    }`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--conditions=@firebreak/source', '--input-type=module', '-e', script],
    { cwd: import.meta.dirname, encoding: 'utf8' },
  )
  return JSON.parse(stdout === '' ? JSON.stringify(stderr) : stdout) as unknown
}

test('a log that was closed is read where nothing can be written, and nothing is left beside it', async () => {
  await (await fill(path)).close()
  chmodSync(folder, 0o555)
  expect(read()).toEqual([true, 2, 1])
  expect(readdirSync(folder)).toEqual(['incidents.db'])
})

test('one that another user writes to is read with what is in its write-ahead log', async () => {
  const log = await fill(path)
  for (const suffix of ['', '-wal', '-shm']) chmodSync(path + suffix, 0o644)
  chmodSync(folder, 0o555)
  expect(read()).toEqual([true, 2, 1])
  chmodSync(folder, 0o755)
  await log.close()
})

test('one whose write-ahead log cannot be read along is refused, not read without its newest events', async () => {
  const origin = join(root, 'origin.db')
  const log = await fill(origin)
  for (const suffix of ['', '-wal']) copyFileSync(origin + suffix, path + suffix)
  await log.close()
  chmodSync(folder, 0o555)
  const [code, message] = read() as [string, string]
  expect(['LOG_READ_ONLY', 'LOG_UNAVAILABLE']).toContain(code)
  expect(message).toContain(path)
})

test('one that is written to while it is read is told, and not read any further', async () => {
  await (await fill(path)).close()
  chmodSync(path, 0o666)
  chmodSync(folder, 0o555)
  const touch = `const { appendFileSync } = await import('node:fs')
    appendFileSync(${JSON.stringify(path)}, 'x')`
  const [code, message] = read(touch) as [string, string]
  expect([code, message]).toEqual(['LOG_UNAVAILABLE', `${path}: was written to while it was read: open it again`])
})
