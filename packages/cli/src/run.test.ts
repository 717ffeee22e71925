import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from './run.ts'
import { defaultConfig } from './serve/default-config.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const firebreak = async (...words: string[]) => firebreakWith({}, ...words)

async function firebreakWith(env: Record<string, string>, ...words: string[]) {
  const said = { out: '', error: '' }
  const code = await run(words, {
    stdout: { write: (text) => (said.out += text) },
    stderr: { write: (text) => (said.error += text) },
    env,
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
    ['drill', 'extra'],
    ['hold', '--minutes', '0'],
    ['silence', '-a', 'shop', '--minutes', '1441'],
    ['silence'],
    ['unsilence', 'an-id'],
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
  const db = join(folder, 'port.db')
  expect(await firebreak('serve', '--port', String(port), '--db', db)).toMatchObject({ code: 1 })
  expect(existsSync(db)).toBe(false)
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

test('serve keeps its log where FIREBREAK_DB says, there the others find it, and --db goes before it', async () => {
  const env = { FIREBREAK_DB: join(folder, 'by-variable') }
  mkdirSync(env.FIREBREAK_DB)
  const serving = async (file: string, ...words: string[]) => {
    const served = firebreakWith(env, 'serve', '--port', '0', ...words)
    await expect.poll(() => existsSync(file), { timeout: 30_000 }).toBe(true)
    process.emit('SIGTERM')
    return served
  }
  const usual = join(env.FIREBREAK_DB, 'incidents.db')
  const named = join(folder, 'named.db')
  expect(await serving(named, '--db', named)).toMatchObject({ code: 0 })
  expect(existsSync(usual)).toBe(false)
  expect(await serving(usual)).toMatchObject({ code: 0, out: expect.stringContaining(`, log ${usual}\n`) as unknown })
  expect(await firebreakWith(env, 'status')).toMatchObject({ code: 0, error: '' })
})

test('who set FIREBREAK_DB is told what it says, and not to set it; no address is shown', async () => {
  const path = join(folder, 'nowhere.db')
  expect((await firebreakWith({ FIREBREAK_DB: path }, 'status')).error).toBe(
    `firebreak: there is no incident log at ${path}, where FIREBREAK_DB says: name another file or folder with --log\n`,
  )
  expect((await firebreakWith({ FIREBREAK_DB: path }, 'status', '--log', `${path}.2`)).error).toBe(
    `firebreak: there is no incident log at ${path}.2: name its file or folder with --log\n`,
  )
  const mistaken = { FIREBREAK_DB: 'mysql://user:hunter2@2@db.example.com/firebreak' }
  for (const words of [['status'], ['serve', '--port', '0']]) {
    const { code, error } = await firebreakWith(mistaken, ...words)
    expect([code, error]).toEqual([1, expect.stringContaining('does not begin with postgres://')])
    expect(error).not.toMatch(/hunter2|2@/)
  }
})

test('a log that cannot be kept where --db says is one line, at once', async () => {
  const file = join(folder, 'not-a-folder')
  writeFileSync(file, '')
  const places: [string, RegExp][] = [
    [join(file, 'a.db'), /is a file/],
    [folder, /it is a folder/],
  ]
  if (existsSync('/proc/self')) places.push(['/proc/firebreak/a.db', /ENOENT/])
  for (const [db, why] of places) {
    const { code, error } = await firebreak('serve', '--port', '0', '--db', db)
    expect([code, error.split('\n').length], error).toEqual([1, 2])
    expect(error).toMatch(/^firebreak: cannot keep the incident log at /)
    expect(error).toMatch(why)
  }
})

test('a config that is none is named, with what it must be', async () => {
  const configs: [string, RegExp][] = [
    ['throws', /could not be loaded: boom/],
    ['null', /must end with: export default defineConfig/],
    ['parts', /must end with: export default defineConfig/],
    ['probes', /must be a list/],
  ]
  writeFileSync(join(folder, 'throws.mjs'), "throw new Error('boom')")
  writeFileSync(join(folder, 'null.mjs'), 'export default null')
  writeFileSync(join(folder, 'parts.mjs'), 'export default { parts: [5] }')
  writeFileSync(join(folder, 'probes.mjs'), 'export default { parts: [], probes: 5 }')
  for (const [name, why] of configs) {
    const config = join(folder, `${name}.mjs`)
    const { code, error } = await firebreak('serve', '--port', '0', '--config', config)
    expect([code, error.split('\n').length], error).toEqual([1, 2])
    expect(error).toContain(`${name}.mjs`)
    expect(error).toMatch(why)
  }
  const config = join(folder, 'option.mjs')
  writeFileSync(config, "export default { parts: [], http: { publicUrl: 'nowhere', token: 'x' } }")
  const db = join(folder, 'option.db')
  expect((await firebreak('serve', '--port', '0', '--db', db, '--config', config)).error).toMatch(
    /option.mjs cannot be used: http.publicUrl: is not an address/,
  )
  expect((await firebreak('serve', '--port', '0', '--config', folder)).error).toMatch(
    /is a folder: name the config file/,
  )
})

test('without a webhook serve says who is woken, and one that cannot be used is named by its variable', async () => {
  const db = join(folder, 'alone.db')
  const serving = firebreak('serve', '--port', '0', '--db', db)
  await expect.poll(() => existsSync(db), { timeout: 30_000 }).toBe(true)
  process.emit('SIGTERM')
  const { code, out } = await serving
  expect([code, out]).toEqual([0, expect.stringContaining('pages go to this console only: set FIREBREAK_WEBHOOK_URL')])
  expect(() => defaultConfig({ FIREBREAK_WEBHOOK_URL: 'nowhere' }, folder)).toThrow(/^FIREBREAK_WEBHOOK_URL or /)
  expect(defaultConfig({ FIREBREAK_WEBHOOK_URL: '' }, folder).parts.length).toBeGreaterThan(0)
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
  const [, id = '', rest] = /firebreak release (\S+) (.*)\n/.exec(placed.out) ?? []
  expect(rest).toBe(`-a shop --log ${db}`)

  const other = await firebreak('release', 'no-such-hold', '-a', 'shop', '--log', db)
  expect([other.code, other.out]).toEqual([1, ''])
  expect(other.error).toMatch(/^firebreak: there is no hold no-such-hold on shop: nothing was released/)

  const all = await firebreak('hold', '--reason', 'freeze', '--by', 'joe', '--log', db)
  const [, every = ''] = /firebreak release (\S+)/.exec(all.out) ?? []
  const { out: seen } = await firebreak('status', '-a', 'shop', '--log', db)
  expect(seen).toContain('on hold: every service, by joe: freeze\n')
  expect(seen).toContain(`on hold: shop, by mia: looking\nrelease it: firebreak release ${id} -a shop --log ${db}\n`)
  const one = await firebreak('release', id, '-a', 'shop', '--by', 'mia', '--log', db)
  expect(one.out).toMatch(/^released, but shop is still on hold by joe: freeze\n/)
  expect(one.out).toContain(`firebreak release ${every} --log ${db}`)
  expect((await firebreak('release', every, '--by', 'joe', '--log', db)).out).toBe(
    'released: automation may act on every service again\n',
  )
})

test('a silence is kept in the log, shown, replaced, and lifted by its id', async () => {
  const { openLog } = await import('./serve/open-log.ts')
  const db = join(folder, 'silences.db')
  await (await openLog(db)).close()
  const words = ['-a', 'shop', '--by', 'mia', '--log', db]
  const idIn = (out: string) => /firebreak unsilence (\S+) -a shop/.exec(out)?.[1] ?? ''
  const whole = await firebreak('silence', '--reason', 'load test', '--minutes', '30', ...words)
  expect(whole).toMatchObject({ code: 0, error: '' })
  expect(whole.out).toMatch(
    /^silenced: all that is said of shop raises no level until \S+Z; whoever was paged stays paged\n/,
  )
  const earlier = await firebreak('silence', '--key', 'error-ratio', ...words)
  const later = await firebreak('silence', '--key', 'error-ratio', '--reason', 'a longer one', ...words)

  const { out: seen } = await firebreak('status', '-a', 'shop', '--log', db)
  expect(seen).toMatch(/^silenced: all that is said of shop, by mia until \S+Z: load test$/m)
  expect(seen).toMatch(/^silenced: error-ratio on shop, by mia until \S+Z: a longer one$/m)
  expect(seen).toContain(`lift it: firebreak unsilence ${idIn(later.out)} -a shop --log ${db}\n`)
  expect(seen).not.toContain(idIn(earlier.out))

  const replaced = await firebreak('unsilence', idIn(earlier.out), ...words)
  expect([replaced.code, replaced.out]).toEqual([1, ''])
  expect(replaced.error).toMatch(/^firebreak: shop has no silence .*, and nothing was lifted/)
  for (const { out } of [whole, later])
    expect(await firebreak('unsilence', idIn(out), ...words)).toEqual({
      code: 0,
      out: 'lifted: what fires on shop is judged again\n',
      error: '',
    })
  expect((await firebreak('status', '-a', 'shop', '--log', db)).out).toBe('no incidents\n')
})

test('several incidents are shown one after another, as a page names them; an unknown one does not keep the others back', async () => {
  const { openLog } = await import('./serve/open-log.ts')
  const { createResponder } = await import('@firebreak/responder')
  const db = join(folder, 'several.db')
  const log = await openLog(db)
  const responder = createResponder({ log, parts: [] })
  for (const service of ['shop', 'checkout'])
    await responder.ingest({
      id: service,
      key: service,
      source: 'test',
      measured: true,
      service,
      status: 'firing',
      at: new Date().toISOString(),
      summary: `${service} does not answer`,
      symptoms: [{ kind: 'outage', extent: 'complete' }],
      labels: {},
      links: [],
    })
  await responder.stop()
  await log.close()
  const { code, out, error } = await firebreak('show', 'shop', '0000', 'checkout', '--log', db)
  expect([code, error.split('\n').length]).toEqual([1, 2])
  expect(error).toMatch(/^firebreak: .*0000/)
  expect(out).toContain('shop does not answer')
  expect(out).toContain('checkout does not answer')
  expect(await firebreak('show', 'shop', 'checkout', '--log', db)).toMatchObject({ code: 0, error: '' })
})

test('a hold that is placed while a rollback runs is seen by it, on the service or on all of them', async () => {
  const { openLog } = await import('./serve/open-log.ts')
  const { memoryOf, watchHolds } = await import('./commands/service-memory.ts')
  const db = join(folder, 'watched.db')
  const log = await openLog(db)
  const holds = watchHolds(log, 'shop', await memoryOf(log, 'shop'))
  expect(holds.held()).toBe(false)
  await firebreak('hold', '--reason', 'freeze', '--by', 'joe', '--log', db)
  await expect.poll(() => holds.held(), { timeout: 10_000 }).toBe(true)
  await holds.stop()
  await log.close()
})

test('a drill that is told to end says so, and leaves what it had written', async () => {
  const out = join(folder, 'ended')
  const drilling = firebreak('drill', '--out', out)
  await expect.poll(() => existsSync(join(out, 'incidents.db')), { timeout: 30_000 }).toBe(true)
  process.emit('SIGINT')
  const { code, error } = await drilling
  expect([code, error]).toEqual([130, `firebreak: drill interrupted; what it had written is in ${out}\n`])
})
