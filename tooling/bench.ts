/**
 * Runs every bench of every package (`*.bench.ts` in `src`) as a plain script, one after the other, each within a limit, and sets what they
 * measured side by side. A bench prints one JSON object a line: { bench, ours, theirs, unit, bar? }; what is not JSON is
 * passed through. Figures depend on the machine and its neighbours; the ratio of two things measured in one run less so.
 * A ratio below its bar is marked, and is no failure: benches inform, tests decide.
 *
 *   pnpm bench              all of them
 *   pnpm bench fold append  those whose path contains one of these words
 */
import { spawnSync, type SpawnSyncOptionsWithStringEncoding } from 'node:child_process'
import { globSync } from 'node:fs'
import { relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const limitMs = 180_000

interface Measured {
  readonly bench: string
  readonly ours: number
  /** What it is compared with, measured in the same run. */
  readonly theirs?: number
  /** 'ms' and other costs: less is better. '/s': more is better. */
  readonly unit: string
  /** The ratio that is aimed for: how many times as good as the other. */
  readonly bar?: number
}

const words = process.argv.slice(2)
const files = globSync('packages/*/src/**/*.bench.ts', { cwd: root })
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort()
const measured: Measured[] = []
const broken: string[] = []

for (const file of files) {
  console.log(`\n${file}`)
  const options = {
    cwd: root,
    encoding: 'utf8',
    timeout: limitMs,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'inherit'],
  } satisfies SpawnSyncOptionsWithStringEncoding
  const { stdout, status, error } = spawnSync(
    process.execPath,
    ['--conditions=@firebreak/source', '--expose-gc', file],
    options,
  )
  for (const line of stdout.split('\n').filter((it) => it.trim() !== '')) {
    const result = parse(line)
    if (result === undefined) console.log(`  ${line}`)
    else measured.push(result)
  }
  if (status !== 0) broken.push(`${relative(root, file)}: ${error?.message ?? `exit ${status}`}`)
}

function parse(line: string): Measured | undefined {
  try {
    const value = JSON.parse(line) as Partial<Measured> | null
    return typeof value?.bench === 'string' && typeof value.ours === 'number' ? (value as Measured) : undefined
  } catch {
    return undefined
  }
}

/** How many times as good as the other: above 1 we are better, whether more or less is better there. */
function ratioOf({ ours, theirs, unit }: Measured): number | undefined {
  if (theirs === undefined) return undefined
  return unit.endsWith('/s') ? ours / theirs : theirs / ours
}

const number = (value: number) => value.toLocaleString('en-US', { maximumSignificantDigits: 4 })
const rows = measured.map((it) => {
  const ratio = ratioOf(it)
  const mark =
    ratio === undefined || it.bar === undefined
      ? ''
      : ratio >= it.bar
        ? `ok, bar ${it.bar}`
        : `BELOW the bar of ${it.bar}`
  const other = it.theirs === undefined ? '' : `${number(it.theirs)} ${it.unit}`
  return [it.bench, `${number(it.ours)} ${it.unit}`, other, ratio === undefined ? '' : `${number(ratio)} ×`, mark]
})
const table = [['bench', 'ours', 'compared with', 'ratio', ''], ...rows]
const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
console.log()
for (const row of table)
  console.log(
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  )
console.log(`\n${files.length} benches, ${measured.length} figures, Node ${process.versions.node}`)
if (broken.length > 0) {
  console.error(`did not finish: ${broken.join('; ')}`)
  process.exitCode = 1
}
