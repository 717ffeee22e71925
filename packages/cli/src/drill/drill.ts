import { randomBytes } from 'node:crypto'
import { createBus, reduceIncident, systemClock, type IncidentSummary } from '@firebreak/core'
import { sqliteLog } from '@firebreak/incident-log/sqlite'
import { CliError } from '../failure.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { assemble } from './assemble.ts'
import { checkFolder, clearFolder } from './folder.ts'
import { startLoad } from './load.ts'
import { startReceiver } from './receiver.ts'
import { reportOf } from './report.ts'
import { agent, images, neighbour } from './story.ts'
import { startWorld } from './start-world.ts'
import { tellStory } from './tell-story.ts'
import { times } from './times.ts'
import { verdictOf } from './verdict.ts'

export interface DrillOptions {
  readonly out: string
  readonly seed: number
  readonly scenario: 'bad' | 'healthy'
  readonly port: number
  readonly json: boolean
  readonly terminal: Terminal
  /** Ends it early. */
  readonly signal: AbortSignal
}

const clock = systemClock

/** Rehearses the runbook on real HTTP. Resolves with the exit code; whatever it started has ended then. */
export async function drill(options: DrillOptions): Promise<number> {
  const { terminal, json, seed, scenario, signal } = options
  const folder = checkFolder(options.out)
  const closing: (() => Promise<unknown>)[] = []
  const world = await startWorld(options)
  closing.push(() => world.close())
  try {
    const startedAt = clock.now()
    const story = tellStory({ terminal, silent: json, clock, startedAt, scenario, out: options.out })
    clearFolder(folder)
    story.heading(seed, world.url)

    const secret = `whsec_${randomBytes(32).toString('base64')}`
    const receiver = await startReceiver(secret, () => clock.now())
    closing.push(() => receiver.close())
    // `firebreak hold` is another process: what it writes must be seen before the next machine.
    const log = sqliteLog({ path: folder.log, pollEveryMs: 250 })
    closing.push(() => log.close())
    const bus = createBus()
    const responder = assemble({
      world,
      folder,
      log,
      bus,
      receiver,
      secret,
      clock,
      write: (line) => story.console(line),
    })
    story.follow(bus)

    const load = startLoad({
      url: world.apps[agent]!,
      perSecond: times.requestsPerSecond,
      longestMs: times.longestMs,
      clock,
      onFault: (at) => story.fault(at),
    })
    const beside = startLoad({ url: world.apps[neighbour]!, perSecond: 5, longestMs: times.longestMs, clock })
    closing.push(() => Promise.all([load.stop(), beside.stop()]))
    await responder.start()
    closing.push(() => responder.stop({ deadlineMs: 2_000 }))

    await clock.sleep(times.warmUpMs, signal)
    const shipped = await world.ship(images.shipped.ref)
    story.shipped(shipped)
    await untilOver(log, scenario === 'healthy' ? clock.now() + times.quietMs : startedAt + times.longestMs, signal)
    await responder.stop({ deadlineMs: 2_000 })
    await Promise.all([load.stop(), beside.stop()])

    const incident = await firstIncident(log)
    const history = incident === undefined ? [] : await Array.fromAsync(log.read(incident.stream))
    const folded = incident && reduceIncident(history)
    const report = reportOf({ incident: folded, events: history, folder, load, receiver })
    const verdict = verdictOf({ scenario, report, shipped, writes: world.writes() })
    if (json) terminal.line(JSON.stringify(report, null, 2))
    else story.summary(report, world.writes(), history)
    const seconds = ((clock.now() - startedAt) / 1_000).toFixed(0)
    if (!json)
      terminal.line(
        verdict.ok
          ? `Drill passed in ${seconds} s: ${verdict.text}`
          : `Drill FAILED after ${seconds} s: ${verdict.text}`,
      )
    else if (!verdict.ok) terminal.complain(`firebreak: drill failed: ${verdict.text}`)
    return verdict.ok ? 0 : 1
  } catch (error) {
    if (!signal.aborted) throw error
    throw new CliError('INTERRUPTED', `drill interrupted; what it had written is in ${options.out}`, 130)
  } finally {
    for (const close of closing.toReversed()) await close()
  }
}

/** Until the post-mortem is there, or nothing has happened for as long as something would have taken. */
async function untilOver(log: ReturnType<typeof sqliteLog>, until: number, signal: AbortSignal): Promise<void> {
  while (clock.now() < until) {
    await clock.sleep(250, signal)
    const incident = await firstIncident(log)
    if (incident?.status !== 'resolved') continue
    const { postmortem } = reduceIncident(await Array.fromAsync(log.read(incident.stream)))
    if (postmortem !== undefined) return
  }
}

async function firstIncident(log: ReturnType<typeof sqliteLog>): Promise<IncidentSummary | undefined> {
  let first: IncidentSummary | undefined
  for await (const summary of log.list()) first = summary
  return first
}
