import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const cli = resolve(import.meta.dirname, '..', '..')
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-config-'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(cli, join(folder, 'node_modules', 'firebreak'), 'dir')
  symlinkSync(join(cli, 'node_modules', '@firebreak'), join(folder, 'node_modules', '@firebreak'), 'dir')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The command as a process in the folder: what a file is taken for is Node's word, which a test runner has its own idea of. */
async function firebreak(...words: string[]) {
  const main = join(cli, 'src', 'main.ts')
  const child = spawn(process.execPath, ['--no-warnings', '--conditions=@firebreak/source', main, ...words], {
    cwd: folder,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', error: '' }
  child.stdout.on('data', (chunk) => (said.out += String(chunk)))
  child.stderr.on('data', (chunk) => (said.error += String(chunk)))
  const code = await new Promise((settle) => child.once('close', settle))
  return { code, ...said }
}

const serve = (config: string) => firebreak('serve', '--port', '0', '--config', config)
/** The config was run up to its first call: only a setting is missing. */
const loaded = /could not be loaded: token: is not set/

test.each([
  ['{ "type": "commonjs" }', 'firebreak.config.mts'],
  ['{ "type": "module" }', 'firebreak.config.ts'],
  ['{}', 'firebreak.config.ts'],
])('in a package that says %s, init writes %s, and the line that it prints runs it', async (said, file) => {
  writeFileSync(join(folder, 'package.json'), said)
  const { code, out } = await firebreak('init', '-a', 'shop')
  expect([code, existsSync(join(folder, file))]).toEqual([0, true])
  expect(out).toContain(`run it: firebreak serve --config ${file}\n`)
  expect((await serve(file)).error).toMatch(loaded)
})

test('a config that Node takes for CommonJS is told what to do', async () => {
  writeFileSync(join(folder, 'package.json'), '{ "type": "commonjs" }')
  await firebreak('init', '-a', 'shop', '--config', 'our.ts')
  const line =
    'firebreak: our.ts could not be loaded: its package.json says "type": "commonjs": name the file our.mts, or put "type": "module" into package.json\n'
  expect(await serve('our.ts')).toEqual({ code: 1, out: '', error: line })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  expect((await serve('our.ts')).error).toMatch(loaded)
})

test('an option that nobody reads is named, with the one that was meant', async () => {
  const parts = `parts: [{ name: 'none', plan: () => [] }]`
  writeFileSync(join(folder, 'our.mjs'), `export default { ${parts}, holdfile: 'hold' }`)
  const line = 'firebreak: our.mjs: there is no option "holdfile": write holdFile\n'
  expect(await serve('our.mjs')).toEqual({ code: 1, out: '', error: line })
  writeFileSync(join(folder, 'our.mjs'), `export default { ${parts}, notifiers: [] }`)
  expect((await serve('our.mjs')).error).toMatch(/our\.mjs: there is no option "notifiers": known are parts, log, /)
})
