import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'firebreak-entries-'))

/** Every entry of every package, by the name that users write. */
const entries = globSync('packages/*/package.json', { cwd: root }).flatMap((file) => {
  const manifest = JSON.parse(readFileSync(join(root, file), 'utf8')) as {
    name: string
    exports: Record<string, unknown>
  }
  return Object.keys(manifest.exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => join(manifest.name, path))
})
/** Modules that misbehave on purpose: what the test finds there it would find in ours. */
const offenders: Record<string, { code: string; does: RegExp }> = {
  environment: { code: 'export const it = process.env.HOME', does: /^reads HOME/ },
  listing: { code: 'export const it = Object.keys(process.env)', does: /^lists the environment/ },
  printing: { code: "export const it = console.log('hello')", does: /^prints hello/ },
  timer: { code: 'export const it = setInterval(() => undefined, 1e6).unref()', does: /^$|^opens Timeout/ },
  socket: {
    code: "import { createServer } from 'node:net'\nexport const it = createServer().listen(0, '127.0.0.1')",
    does: /^opens /,
  },
  signal: { code: "export const it = process.on('SIGTERM', () => undefined)", does: /^listens to SIGTERM/ },
  global: { code: 'export const it = (globalThis.firebreak = 1)', does: /^makes a global firebreak/ },
  empty: { code: 'export {}', does: /^exports nothing/ },
}

let report: Record<string, string[]> = {}

beforeAll(() => {
  // A project that depends on all of them, as a user's would.
  mkdirSync(join(scratch, 'node_modules/@firebreak'), { recursive: true })
  for (const folder of globSync('packages/*', { cwd: root })) {
    const { name } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as { name: string }
    symlinkSync(join(root, folder), join(scratch, 'node_modules', name))
  }
  cpSync(join(import.meta.dirname, 'fixtures/import-entries.mjs'), join(scratch, 'import-entries.mjs'))
  for (const [name, { code }] of Object.entries(offenders)) writeFileSync(join(scratch, `${name}.mjs`), code)
  const all = [...entries, ...Object.keys(offenders).map((name) => `./${name}.mjs`)]
  const words = ['--conditions=@firebreak/source', 'import-entries.mjs', JSON.stringify(all)]
  const output = execFileSync(process.execPath, words, {
    cwd: scratch,
    encoding: 'utf8',
    timeout: 50_000,
    stdio: ['ignore', 'pipe', 'inherit'],
    killSignal: 'SIGKILL',
  })
  report = JSON.parse(output) as typeof report
}, 60_000)
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test('there are entries to try', () => {
  expect(entries.length).toBeGreaterThan(20)
})

for (const entry of entries) {
  test(`importing ${entry} opens no handle, reads no environment and prints nothing`, () => {
    expect(report[entry]).toEqual([])
  })
}

for (const [name, { does }] of Object.entries(offenders)) {
  test(`a module that misbehaves is noticed: ${name}`, () => {
    expect(report[`./${name}.mjs`]?.join('\n')).toMatch(does)
  })
}
