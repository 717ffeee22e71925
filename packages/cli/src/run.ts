import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { CliError, lineOf } from './failure.ts'
import { createTerminal, type Output } from './terminal/terminal.ts'

export interface Surroundings {
  readonly stdout: Output
  readonly stderr: Output
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Runs one command; resolves with its exit code. Never throws: what goes wrong is one line on standard error. */
export async function run(words: readonly string[], { stdout, stderr, env }: Surroundings): Promise<number> {
  const terminal = createTerminal(stdout, stderr, env)
  let exitCode = 0
  const program = new Command('firebreak')
    .description('Incident response: detect, classify, page, roll back, verify, learn.')
    .version('0.1.0')
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: (text, write) =>
        write(
          text
            .replace(/^error: /, 'firebreak: ')
            .replace(' is invalid. ', ' is invalid: ')
            .replace(/\.?\n?$/, '; see firebreak --help\n'),
        ),
    })

  program
    .command('drill')
    .description('Rehearse the runbook against Fly.io on localhost: a bad deploy, from detection to post-mortem')
    .option('--json', 'print one JSON document instead of the story')
    .option('--out <dir>', 'where the log, the feedback files and the post-mortem go', 'drill')
    .option('--seed <n>', 'what is drawn, is drawn from this number', wholeNumber, 7)
    .option('--scenario <name>', 'bad (v3 fails after its deploy) or healthy (v3 is good)', scenario, 'bad')
    .option('--port <n>', 'where Fly.io on localhost listens; 0 picks a free port', port, 0)
    .action(async (options: DrillWords) => {
      const { drill } = await import('./drill/drill.ts')
      exitCode = await untilInterrupted((signal) =>
        drill({ ...options, json: options.json === true, terminal, signal }),
      )
    })

  program
    .command('serve')
    .description('Run a responder: watch, take alerts in, page, and (with a target) mitigate')
    .option(
      '--config <file>',
      'a firebreak.config.ts; without it incidents are opened and paged, and nothing is changed',
    )
    .option('--port <n>', 'on loopback; 0 picks a free port', port, 8_080)
    .option(
      '--db <where>',
      'the incident log: a SQLite file or a postgres:// address (default: FIREBREAK_DB, or "incidents.db")',
    )
    .action(async (options: { config?: string; port: number; db?: string }) => {
      const { serve } = await import('./serve/serve.ts')
      exitCode = await untilInterrupted((signal) => serve({ ...options, terminal, env, signal }))
    })

  program
    .command('status')
    .description('List incidents, what is open and what was closed last, the holds and the silences')
    .option('-a, --app <service>', 'only this service')
    .option('--log <where>', 'the log: a file, a folder, or a postgres:// address')
    .action(async ({ app, log }: { app?: string; log?: string }) => {
      const [{ withLog, logWord }, { status }] = await Promise.all([
        import('./commands/which-log.ts'),
        import('./commands/status.ts'),
      ])
      exitCode = await withLog(log, env, (opened) =>
        status(opened, terminal, { service: app, now: Date.now(), logWord: logWord(log) }),
      )
    })

  program
    .command('show')
    .argument('<incident...>', 'its code (7K42), its stream, or a service; several are shown one after another')
    .description('Show incidents: timeline, reasons, pages, and whether their history is whole')
    .option('--log <where>', 'the log: a file, a folder, or a postgres:// address')
    .option('--time-zone <zone>', 'of the times shown', 'UTC')
    .action(async (ids: readonly string[], { log, timeZone }: { log?: string; timeZone: string }) => {
      const [{ withLog }, { showEach }] = await Promise.all([
        import('./commands/which-log.ts'),
        import('./commands/show.ts'),
      ])
      exitCode = await withLog(log, env, (opened) => showEach(opened, ids, terminal, timeZone))
    })

  program
    .command('hold')
    .description('Stop all acting on a service, or on everything; paging goes on')
    .option('-a, --app <service>', 'only this service')
    .option('--reason <text>', 'why, for the log', 'a person stopped it')
    .option('--minutes <n>', 'ends by itself', minutes)
    .option('--by <name>', 'who', env['USER'] ?? 'somebody')
    .option('--log <where>', 'the log of the responders to stop')
    .action(async ({ log, ...words }: { app?: string; reason: string; minutes?: number; by: string; log?: string }) => {
      const [{ withLog, logWord }, { hold }] = await Promise.all([
        import('./commands/which-log.ts'),
        import('./commands/hold.ts'),
      ])
      exitCode = await withLog(log, env, (opened) =>
        hold(opened, { ...words, logWord: logWord(log), now: Date.now() }, terminal),
      )
    })

  program
    .command('release')
    .argument('<hold>', 'the id that hold printed')
    .description('Let automation act again')
    .option('-a, --app <service>', 'the service of the hold')
    .option('--by <name>', 'who', env['USER'] ?? 'somebody')
    .option('--log <where>', 'the log of the responders')
    .action(async (id: string, { log, ...words }: { app?: string; by: string; log?: string }) => {
      const [{ withLog, logWord }, { release }] = await Promise.all([
        import('./commands/which-log.ts'),
        import('./commands/hold.ts'),
      ])
      exitCode = await withLog(log, env, (opened) =>
        release(opened, id, { ...words, logWord: logWord(log), now: Date.now() }, terminal),
      )
    })

  program
    .command('silence')
    .description('For a planned disturbance: what a service is said to suffer raises no level for a while')
    .requiredOption('-a, --app <service>', 'the service')
    .option('--key <key>', 'only what this signal says, such as error-ratio')
    .option('--minutes <n>', 'ends by itself, after a day at the latest', silenceMinutes, 60)
    .option('--reason <text>', 'why, for the log', 'planned work')
    .option('--by <name>', 'who', env['USER'] ?? 'somebody')
    .option('--log <where>', 'the log of the responders')
    .action(async ({ log, ...words }: SilenceLine) => {
      const [{ withLog, logWord }, { silence }] = await Promise.all([
        import('./commands/which-log.ts'),
        import('./commands/silence.ts'),
      ])
      exitCode = await withLog(log, env, (opened) =>
        silence(opened, { ...words, logWord: logWord(log), now: Date.now() }, terminal),
      )
    })

  program
    .command('unsilence')
    .argument('<silence>', 'the id that silence printed')
    .description('Lift a silence before its end: what still fires is judged then')
    .requiredOption('-a, --app <service>', 'the service of the silence')
    .option('--by <name>', 'who', env['USER'] ?? 'somebody')
    .option('--log <where>', 'the log of the responders')
    .action(async (id: string, { log, ...words }: { app: string; by: string; log?: string }) => {
      const [{ withLog }, { unsilence }] = await Promise.all([
        import('./commands/which-log.ts'),
        import('./commands/silence.ts'),
      ])
      exitCode = await withLog(log, env, (opened) => unsilence(opened, id, words, terminal))
    })

  program
    .command('rollback')
    .description('Roll a Fly app back to its last good image, one machine first, verified')
    .requiredOption('-a, --app <app>', 'the app')
    .option('--to <version>', 'a version, such as v2, instead of the last good one', version)
    .option('--plan', 'only show the plan')
    .option('--plan-id <id>', 'run this plan, or nothing if the world has changed')
    .option('--reason <text>', 'for the release record', 'rolled back by hand')
    .option('--time-zone <zone>', 'of the times shown', 'UTC')
    .option('--log <where>', 'an incident log: its quarantine and holds count')
    .action(async ({ log, ...words }: RollbackLine) => {
      const [{ withLog }, { rollback }] = await Promise.all([
        import('./commands/which-log.ts'),
        import('./commands/rollback.ts'),
      ])
      exitCode = await untilInterrupted((signal) => {
        const run = { ...words, plan: words.plan === true, signal }
        return log === undefined
          ? rollback(run, terminal)
          : withLog(log, env, (opened) => rollback({ ...run, log: opened }, terminal))
      })
    })

  program
    .command('sim')
    .description('Fly.io on localhost, for flyctl and for scripts')
    .option('--port <n>', '0 picks a free port', port, 4_280)
    .option('--seed <n>', 'what is drawn, is drawn from this number', wholeNumber, 1)
    .action(async (options: { port: number; seed: number }) => {
      const { sim } = await import('./commands/sim.ts')
      exitCode = await untilInterrupted((signal) => sim({ ...options, signal }, terminal))
    })

  program
    .command('init')
    .description('Write a first firebreak.config.ts, in shadow mode')
    .requiredOption('-a, --app <app>', 'the Fly app to watch')
    .option('--config <file>', 'where to (default: "firebreak.config.ts", or .mts in a CommonJS package)')
    .action(async ({ app, config }: { app: string; config?: string }) => {
      const { init } = await import('./commands/init.ts')
      exitCode = init(app, config, terminal)
    })

  try {
    await program.parseAsync(words, { from: 'user' })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode
    terminal.complain(lineOf(error))
    return error instanceof CliError ? error.exitCode : 1
  }
}

interface SilenceLine {
  readonly app: string
  readonly key?: string
  readonly minutes: number
  readonly reason: string
  readonly by: string
  readonly log?: string
}

interface RollbackLine {
  readonly app: string
  readonly to?: number
  readonly plan?: boolean
  readonly planId?: string
  readonly reason: string
  readonly timeZone: string
  readonly log?: string
}

/** Runs until it is done, or until the process is asked to end; then it ends in order. */
async function untilInterrupted(work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const ending = new AbortController()
  const end = () => ending.abort(new Error('interrupted'))
  process.once('SIGINT', end)
  process.once('SIGTERM', end)
  try {
    return await work(ending.signal)
  } finally {
    process.off('SIGINT', end)
    process.off('SIGTERM', end)
  }
}

function version(text: string): number {
  const number = /^v?(\d{1,9})$/.exec(text)?.[1]
  if (number === undefined) throw new InvalidArgumentError('give a version, such as v2')
  return Number(number)
}

interface DrillWords {
  readonly json?: boolean
  readonly out: string
  readonly seed: number
  readonly scenario: 'bad' | 'healthy'
  readonly port: number
}

function wholeNumber(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw new InvalidArgumentError('give a whole number, such as 7')
  return Number(text)
}

function minutes(text: string): number {
  const number = wholeNumber(text)
  if (number === 0 || number > 525_600) throw new InvalidArgumentError('give from 1 to 525600 minutes')
  return number
}

/** A silence of more than a day is one that was forgotten. */
function silenceMinutes(text: string): number {
  const number = wholeNumber(text)
  if (number === 0 || number > 1_440) throw new InvalidArgumentError('give from 1 to 1440 minutes')
  return number
}

function port(text: string): number {
  const number = wholeNumber(text)
  if (number > 65_535) throw new InvalidArgumentError('give a port from 0 to 65535')
  return number
}

function scenario(text: string): 'bad' | 'healthy' {
  if (text === 'bad' || text === 'healthy') return text
  throw new InvalidArgumentError('give bad or healthy')
}
