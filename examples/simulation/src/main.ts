import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { proveSafeguards } from './prove-safeguards.ts'
import { safeguards } from './safeguards.ts'
import { nothing, simulate, sum, type Totals } from './simulate.ts'

const usage = `pnpm simulate --seeds N [--seed FIRST] [--workers N] [--without SAFEGUARD]
pnpm simulate --safeguards [--seeds AT_MOST] [--seed FIRST]
pnpm simulate --list`
const workersFrom = 100
/** How many nights may be needed to miss a safeguard. */
const safeguardSeeds = '200'

async function main(): Promise<number> {
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((argument) => argument !== '--'),
    options: {
      seeds: { type: 'string' },
      seed: { type: 'string', default: '1' },
      step: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
      without: { type: 'string' },
      safeguards: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      /** Tells the totals as JSON: for the process that started this one. */
      worker: { type: 'boolean', default: false },
    },
  })
  if (values.list) {
    for (const name of Object.keys(safeguards)) console.log(name)
    return 0
  }
  const seeds = values.seeds ?? (values.safeguards ? safeguardSeeds : '1')
  const [first, count, step, workers] = [values.seed, seeds, values.step, values.workers].map(whole)
  if (first === undefined || count === undefined || step === undefined || workers === undefined || workers === 0) {
    console.error(usage)
    return 2
  }
  if (values.safeguards) return (await proveSafeguards({ first, count }, (line) => console.log(line))) ? 0 : 1
  const weakening = values.without === undefined ? undefined : safeguards[values.without]
  if (values.without !== undefined && weakening === undefined) {
    console.error(`there is no safeguard ${values.without}; there are: ${Object.keys(safeguards).join(', ')}`)
    return 2
  }
  const tell = (line: string) => console.log(values.without === undefined ? line : `${line}   (without ${values.without})`)
  if (values.worker) {
    // Where an error came from is asked of the one night that is replayed, not of all of them.
    Error.stackTraceLimit = 0
    const totals = await simulate({ first, count, step, weakening }, (line) => console.log(line))
    console.log(`totals ${JSON.stringify(totals)}`)
    return 0
  }
  const totals =
    workers > 1 && count >= workersFrom
      ? await inWorkers({ first, count, workers, without: values.without }, tell)
      : await simulate({ first, count, weakening }, tell)
  console.log(
    `${totals.seeds} nights: ${totals.failed} broke a rule; ${totals.events} events, ${totals.effects} updates, ${totals.wakes} wakes, ${totals.crashes} crashes; ${(totals.cpuMs / Math.max(1, totals.seeds)).toFixed(1)} ms of CPU each`,
  )
  return totals.failed === 0 ? 0 : 1
}

interface Shared {
  readonly first: number
  readonly count: number
  readonly workers: number
  readonly without: string | undefined
}

async function inWorkers({ first, count, workers, without }: Shared, tell: (line: string) => void): Promise<Totals> {
  const all = await Promise.all(
    Array.from({ length: workers }, async (_, index) => {
      const own = Math.floor((count - index + workers - 1) / workers)
      const given = ['--seed', first + index, '--seeds', own, '--step', workers, '--worker'].map(String)
      return inWorker([...given, ...(without === undefined ? [] : ['--without', without])], tell)
    }),
  )
  return all.reduce(sum, nothing)
}

/** A night is short-lived objects from end to end: with room for them they die young. Each worker has a core, not several. */
const frugal = ['--max-semi-space-size=64', '--single-threaded-gc']

async function inWorker(given: readonly string[], tell: (line: string) => void): Promise<Totals> {
  const child = spawn(process.execPath, [...process.execArgv, ...frugal, fileURLToPath(import.meta.url), ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let totals: Totals | undefined
  for await (const line of createInterface(child.stdout)) {
    if (line.startsWith('totals ')) totals = JSON.parse(line.slice('totals '.length)) as Totals
    else tell(line)
  }
  if (totals === undefined) throw new Error(`a worker ended without its totals: ${given.join(' ')}`)
  return totals
}

function whole(text: string): number | undefined {
  const number = Number(text)
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined
}

process.exitCode = await main()
