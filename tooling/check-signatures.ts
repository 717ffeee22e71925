/** Installs what our packages depend on, as a user would, runs none of it, and asks the registry whether it signed all of it. */
import { execFileSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const catalog = new Map(
  [...readFileSync('pnpm-workspace.yaml', 'utf8').matchAll(/^ {2}'?([@\w/.-]+)'?: ([\^~]?\d\S*)$/gm)].map(
    ([, name, range]) => [name!, range!],
  ),
)
const names = globSync('packages/*/package.json').flatMap((file) =>
  Object.keys((JSON.parse(readFileSync(file, 'utf8')) as { dependencies?: Record<string, string> }).dependencies ?? {}),
)
const foreign = [...new Set(names)].filter((name) => !name.startsWith('@firebreak/') && name !== 'firebreak')
const dependencies = Object.fromEntries(foreign.map((name) => [name, catalog.get(name)]))
if (foreign.length === 0 || foreign.some((name) => catalog.get(name) === undefined))
  throw new Error(`no version in the catalog for one of: ${foreign.join(', ')}`)

const scratch = mkdtempSync(join(tmpdir(), 'firebreak-signatures-'))
try {
  writeFileSync(join(scratch, 'package.json'), JSON.stringify({ private: true, dependencies }))
  const npm = (...words: string[]) => execFileSync('npm', words, { cwd: scratch, stdio: 'inherit' })
  npm('install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error')
  npm('audit', 'signatures')
} catch (error) {
  console.error('not every dependency is signed by the registry, or the registry has no keys (a mirror may have none)')
  throw error
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
