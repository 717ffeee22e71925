import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const scratch = mkdtempSync(join(tmpdir(), 'firebreak-house-'))
const detect = 'packages/detect/src/planted.ts'

interface Planted {
  readonly rule: string
  readonly code: string
  readonly file?: string
}

/** One violation a row: the rule must catch it, and nothing else of ours may. */
const violations: readonly Planted[] = [
  ...[
    'export const at = Date.now()',
    'export const at = new Date()',
    'export const at = Date()',
    'export const roll = Math.random()',
    'export const roll = globalThis.Math.random()',
    'export const { now } = Date',
    'export const { random } = Math',
    'export const id = crypto.randomUUID()',
    "import { randomUUID } from 'node:crypto'\nexport const id = randomUUID()",
    "import { performance as watch } from 'node:perf_hooks'\nexport const at = watch",
    'export const at = performance.now()',
    'export const at = process.hrtime.bigint()',
    'export const limit = AbortSignal.timeout(1)',
    'setTimeout(() => undefined, 1)',
    'globalThis.setTimeout(() => undefined, 1)',
    'setInterval(() => undefined, 1)',
    'setImmediate(() => undefined)',
    "import { setTimeout as sleep } from 'node:timers/promises'\nexport const pause = sleep",
  ].map((code) => ({ rule: 'clock-port', code })),
  { rule: 'arrows-down', code: "export { classify } from '@firebreak/severity'" },
  { rule: 'arrows-down', code: "import type { Notifier } from '@firebreak/notify/slack'\nexport type It = Notifier" },
  { rule: 'arrows-down', code: "export const load = () => import('@firebreak/rollback')" },
  { rule: 'arrows-down', code: "export { defineConfig } from 'firebreak'" },
  { rule: 'arrows-down', code: "export { retry } from '../../core/src/retry.ts'" },
  { rule: 'arrows-down', file: 'packages/core/src/planted.ts', code: "export { watch } from '@firebreak/detect'" },
  { rule: 'arrows-down', file: 'packages/fly/src/deep/planted.ts', code: "export { plan } from '@firebreak/rollback'" },
  { rule: 'zod-namespace', code: "import { z } from 'zod'\nexport const it = z" },
  { rule: 'zod-namespace', code: "import z from 'zod'\nexport const it = z" },
  { rule: 'source-extension', code: "export { watch } from './watch.js'" },
  { rule: 'source-extension', code: "export { watch } from './watch'" },
  { rule: 'named-exports', code: "export * from './watch.ts'" },
  { rule: 'lowest-node', code: 'export function read(it: Disposable) {\n  using held = it\n  return held\n}' },
  { rule: 'lowest-node', code: 'export const it = await Promise.resolve(1)' },
  { rule: 'room-names', file: 'packages/detect/src/utils.ts', code: 'export const it = 1' },
  { rule: 'room-names', file: 'packages/detect/src/helpers/planted.ts', code: 'export const it = 1' },
]

/** What the rules must let pass: the ports' own use, tests, data that only looks like it. */
const innocent: readonly Planted[] = [
  { rule: '', code: 'export const at = (text: string) => new Date(text)' },
  {
    rule: '',
    code: 'export const later = (clock: { now(): number; sleep(ms: number): Promise<void> }) => clock.sleep(clock.now())',
  },
  { rule: '', code: "export type { Signal } from '@firebreak/core'" },
  { rule: '', code: "export { parseSignal } from '@firebreak/core/schemas'" },
  { rule: '', code: "import * as z from 'zod'\nexport const it = z.string()" },
  { rule: '', code: 'export async function wait(it: Promise<number>) {\n  return (await it) + 1\n}' },
  { rule: '', file: 'packages/fly/src/deep/planted.ts', code: "export { it } from '../planted.ts'" },
  {
    rule: '',
    file: 'packages/detect/src/planted.test.ts',
    code: "import { classify } from '@firebreak/severity'\nexport const at = [Date.now(), classify]",
  },
  { rule: '', file: 'packages/fly-sim/src/planted.ts', code: 'export const at = Date.now()' },
]

function lint(files: readonly string[]): { filename: string; code: string; message: string }[] {
  const { stdout, stderr } = spawnSync(
    join(root, 'node_modules/.bin/oxlint'),
    ['--format=json', '-c', 'oxlintrc.json', ...files],
    {
      cwd: scratch,
      encoding: 'utf8',
    },
  )
  try {
    return (JSON.parse(stdout) as { diagnostics: { filename: string; code: string; message: string }[] }).diagnostics
  } catch {
    throw new Error(`oxlint said: ${stdout}${stderr}`)
  }
}

/** Each in a folder of its own, so that one run of the linter judges all. */
const place = (planted: Planted, index: number) => join(String(index), planted.file ?? detect)
const all = [...violations, ...innocent]
let found: ReturnType<typeof lint> = []

beforeAll(() => {
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
    rules: Record<string, unknown>
    overrides: { files: string[] }[]
  }
  const rules = Object.fromEntries(Object.entries(config.rules).filter(([name]) => name.startsWith('house/')))
  const overrides = config.overrides.map((it) => ({ ...it, files: it.files.map((file) => `**/${file}`) }))
  const jsPlugins = [join(root, 'tooling/house/plugin.ts')]
  // Only the house's own rules, with the overrides of the repository: that is what is proven here.
  const proven = { categories: { correctness: 'off' }, jsPlugins, rules, overrides }
  writeFileSync(join(scratch, 'oxlintrc.json'), JSON.stringify(proven))
  for (const [index, planted] of all.entries()) {
    const file = join(scratch, place(planted, index))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${planted.code}\n`)
  }
  found = lint(['.']).filter(({ code }) => code.startsWith('house'))
}, 60_000)
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const rulesFor = (planted: Planted) => {
  const file = place(planted, all.indexOf(planted))
  return [
    ...new Set(found.filter(({ filename }) => filename.endsWith(file)).map(({ code }) => /\((.+)\)/.exec(code)?.[1])),
  ]
}

for (const planted of violations) {
  test(`${planted.rule} catches: ${planted.file === undefined ? '' : `${planted.file}: `}${planted.code.replaceAll('\n', ' ')}`, () => {
    expect(rulesFor(planted)).toContain(planted.rule)
  })
}

for (const planted of innocent) {
  test(`nothing is said of: ${planted.code.replaceAll('\n', ' ')}`, () => {
    expect(rulesFor(planted)).toEqual([])
  })
}

test('every rule of the plugin is switched on, and proven by a planted violation', () => {
  const plugin = readFileSync(join(root, 'tooling/house/plugin.ts'), 'utf8')
  const names = [...plugin.slice(plugin.indexOf('rules: {')).matchAll(/'([a-z-]+)': /g)].map(([, name]) => name)
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as { rules: Record<string, unknown> }
  expect(names.length).toBeGreaterThan(5)
  for (const name of names) {
    expect(config.rules[`house/${name}`], name).toBe('error')
    expect(
      violations.some(({ rule }) => rule === name),
      name,
    ).toBe(true)
  }
})
