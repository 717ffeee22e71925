import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './run.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function firebreak(...words: string[]) {
  const said = { out: '', error: '' }
  const code = await run(words, {
    stdout: { write: (text) => (said.out += text) },
    stderr: { write: (text) => (said.error += text) },
    env: {},
  })
  return { code, ...said }
}

test('an unknown option, command or value is one line that says what to do', async () => {
  for (const words of [
    ['drill', '--sed', '7'],
    ['dril'],
    ['drill', '--seed', 'seven'],
    ['drill', '--scenario', 'odd'],
    ['drill', '--port', '70000'],
    ['rollback'],
  ]) {
    const { code, error } = await firebreak(...words)
    expect([words.join(' '), code]).toEqual([words.join(' '), 1])
    expect(error.trim().split('\n').length, error).toBeLessThanOrEqual(2)
    expect(error).toMatch(/^firebreak: /)
  }
})

test('an --out that cannot be written is refused before anything starts', async () => {
  const file = join(folder, 'a-file')
  writeFileSync(file, 'somebody wrote this')
  const { code, error } = await firebreak('drill', '--out', file)
  expect([code, error.split('\n').length]).toEqual([1, 2])
  expect(error).toMatch(/^firebreak: cannot write to --out .*a-file/)
  expect(readFileSync(file, 'utf8')).toBe('somebody wrote this')
})

test.runIf(existsSync('/proc/self'))('a place where no folder can be made is refused at once', async () => {
  const { code, error } = await firebreak('drill', '--out', '/proc/firebreak/drill')
  expect([code, error.split('\n').length]).toEqual([1, 2])
  expect(error).toMatch(/^firebreak: cannot write to --out \/proc/)
})

test('a port in use is one line, and nothing is left behind', async () => {
  const server = createServer()
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
  const { port } = server.address() as AddressInfo
  const out = join(folder, 'port')
  const { code, error } = await firebreak('drill', '--port', String(port), '--out', out)
  expect([code, error]).toEqual([
    1,
    `firebreak: port ${port} is in use: give another with --port, or 0 for a free one\n`,
  ])
  expect(existsSync(out) ? readdirSync(out) : []).toEqual([])
  await new Promise((settle) => server.close(settle))
})

test('a Node that is too old is told so in one line, before anything that it could not parse', async () => {
  const main = resolve(import.meta.dirname, 'main.ts')
  const code = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } }); await import(${JSON.stringify(main)})`
  const child = spawn(process.execPath, ['--conditions=@firebreak/source', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let error = ''
  child.stderr.on('data', (chunk) => (error += String(chunk)))
  expect(await new Promise((settle) => child.once('exit', settle))).toBe(1)
  expect(error).toMatch(/^firebreak: Node 20\.20\.2 is too old, it needs 22\.18 or newer[^\n]*\n$/)
})

test('a log that is not there is named, with what to do', async () => {
  const { code, error } = await firebreak('status', '--log', join(folder, 'none'))
  expect(code).toBe(1)
  expect(error).toMatch(/^firebreak: there is no incident log at .*none: name its file or folder with --log/)
})

test('init writes a config that changes nothing in production, and never overwrites one', async () => {
  const file = join(folder, 'firebreak.config.ts')
  expect(await firebreak('init', '-a', 'shop', '--config', file)).toMatchObject({ code: 0 })
  expect(readFileSync(file, 'utf8')).toContain("mode: 'shadow'")
  const again = await firebreak('init', '-a', 'other', '--config', file)
  expect([again.code, readFileSync(file, 'utf8').includes('other')]).toEqual([1, false])
  expect(await firebreak('init', '-a', 'no such app!', '--config', join(folder, 'x.ts'))).toMatchObject({ code: 1 })
})

test('a hold is kept in the log, shown, and lifted by its id', async () => {
  const db = join(folder, 'holds.db')
  const { openLog } = await import('./serve/open-log.ts')
  const opened = await openLog(db)
  await opened.append([
    {
      stream: 'service/shop',
      events: [{ type: 'note.added', actor: 'test', data: { service: 'shop', by: 'test', text: 'here' } }],
      expected: 0,
    },
  ])
  await opened.close()
  const placed = await firebreak('hold', '-a', 'shop', '--reason', 'looking', '--by', 'mia', '--log', db)
  expect(placed).toMatchObject({ code: 0, error: '' })
  const id = /firebreak release (\S+)/.exec(placed.out)?.[1] ?? ''
  expect(await firebreak('release', id, '-a', 'shop', '--by', 'mia', '--log', db)).toMatchObject({ code: 0 })
})
