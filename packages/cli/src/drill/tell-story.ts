import { isEvent, linkOf, verifyChain, type Bus, type Clock, type EventType, type RecordedEvent } from '@firebreak/core'
import type { ShipOutcome } from '@firebreak/fly-sim'
import { bar } from '../terminal/bar.ts'
import type { Paint, Terminal } from '../terminal/terminal.ts'
import { narrate } from './narrate.ts'
import type { DrillReport } from './report.ts'
import { agent, images, neighbour, shortImage } from './story.ts'

const told: readonly EventType[] = [
  'incident.opened',
  'incident.assessed',
  'page.sent',
  'page.failed',
  'impact.estimated',
  'evidence.captured',
  'release.suspected',
  'release.quarantined',
  'guard.refused',
  'hold.placed',
  'hold.released',
  'rollback.planned',
  'unit.updated',
  'incident.mitigated',
  'rollback.verified',
  'rollback.failed',
  'incident.escalated',
  'incident.resolved',
  'postmortem.drafted',
]

export interface StoryTeller {
  heading(seed: number, url: string): void
  follow(bus: Bus): void
  console(text: string): void
  shipped(outcome: ShipOutcome): void
  /** What the users noticed; the responder is not told. */
  fault(at: number): void
  summary(report: DrillReport, writes: Readonly<Record<string, number>>, events: readonly RecordedEvent[]): void
}

export interface StoryTellerOptions {
  readonly terminal: Terminal
  /** With `--json` nothing is told. */
  readonly silent: boolean
  readonly clock: Clock
  readonly startedAt: number
  readonly scenario: 'bad' | 'healthy'
  /** The drill's folder, as it was given. */
  readonly out: string
}

/** The timeline as it happens: seconds from one zero, the step of the runbook, what, with its number. */
export function tellStory({ terminal, silent, clock, startedAt, scenario, out }: StoryTellerOptions): StoryTeller {
  const seen = new Set<string>()
  let lastSuspicion = ''

  function say(text = ''): void {
    if (!silent) terminal.line(text)
  }
  function line(step: string, text: string, at = clock.now(), paint?: keyof Paint): void {
    const seconds = step === '' ? '' : ((at - startedAt) / 1_000).toFixed(1)
    const label = step.padEnd(10)
    say(`${seconds.padStart(6)}  ${paint === undefined ? label : terminal.paint[paint](label)} ${text}`)
  }

  return {
    heading(seed, url) {
      const what = scenario === 'bad' ? 'bad deploy at 3 a.m.' : 'good deploy, nothing must happen'
      say(`Firebreak drill: ${what}   seed ${seed}   Fly.io on localhost, ${url.replace('http://', '')}`)
      say()
      say(`  ${agent.padEnd(24)} 3 machines  iad iad ord   v2 ${images.good.digest.slice(7, 13)} (image of v1)`)
      say(`  ${neighbour.padEnd(24)} 3 machines  iad iad ord   v1 ${images.neighbour.digest.slice(7, 13)}`)
      say()
    },
    fault(at) {
      line('fault', 'v3 begins to answer 500 (nobody tells the responder)', at)
    },
    shipped({ ok, release, updated, error }) {
      const result = ok ? `${updated.length}/${updated.length} machines, all checks passed` : `failed: ${error ?? ''}`
      line('deploy', `v${release.version} ${images.shipped.digest.slice(7, 13)} shipped to ${agent}: ${result}`)
    },
    console: () => undefined,
    follow(bus) {
      const any = bus as unknown as {
        on(name: string, listener: (data: unknown, recorded?: RecordedEvent) => void): void
      }
      for (const type of told)
        any.on(type, (_data, recorded) => {
          if (recorded !== undefined && !silent && isNews(recorded)) tell(recorded)
        })
    },
    summary(report, writes, events) {
      const { figures, impact, pages, files } = report
      const seconds = (milliseconds: number | null) => (milliseconds === null ? '-' : (milliseconds / 1_000).toFixed(1))
      const to = (role: string) => pages.filter((page) => page.to === role).length
      const chain = verifyChain(events.map(linkOf))
      say()
      if (report.incident === null) {
        say(`  ${impact.failedRequests} of ${impact.requests} requests failed    no incident, no page, no rollback`)
        say()
        return
      }
      say(
        `  detect ${seconds(figures.detectMs)}   page ${seconds(figures.pageMs)}   mitigate ${seconds(figures.mitigateMs)}   verify ${seconds(figures.verifyMs)}   resolve ${seconds(figures.resolveMs)}     seconds from the first failed requests`,
      )
      const updates = writes['machines.update'] ?? 0
      say(
        `  ${impact.failedRequests} of ${impact.requests} requests failed    ${to('manager')} messages to manager, ${to('engineer')} to Engineer    ${updates} ${updates === 1 ? 'machine update' : 'machine updates'}`,
      )
      say()
      say(
        `  log          ${files.log}   ${events.length} events, ${chain.ok ? 'chain ok' : `CHAIN BROKEN: ${chain.why}`}: firebreak show ${report.incident.id} --log ${files.log}`,
      )
      say(`  feedback     ${files.feedback.join('   ')}`)
      const drafts = [files.html, files.markdown].filter((file) => file !== null)
      say(`  post-mortem  ${drafts.length === 0 ? 'not written' : drafts.join('   ')}`)
      say()
    },
  }

  /** The same fact twice is told once; what comes later and says nothing new is left to the log. */
  function isNews(event: RecordedEvent): boolean {
    const key = `${event.stream}@${event.version}`
    if (seen.has(key) || event.stream.startsWith('desk/')) return false
    seen.add(key)
    if (event.stream.startsWith('service/')) return event.type === 'hold.placed' || event.type === 'hold.released'
    if (!isEvent(event, 'release.suspected')) return true
    const answers = event.data.tests.map(({ answer }) => answer).join()
    const changed = answers !== lastSuspicion
    lastSuspicion = answers
    return changed
  }

  function tell(event: RecordedEvent): void {
    if (isEvent(event, 'unit.updated')) return tellUnit(event)
    for (const { step, text, paint, painted } of narrate(event, { logWord: ` --log ${out}` })) {
      if (painted === undefined || paint === undefined) line(step, text, Date.parse(event.at), paint)
      else line(step, text.replace(painted, terminal.paint[paint](painted)), Date.parse(event.at))
    }
  }

  function tellUnit({ at, data }: RecordedEvent<'unit.updated'>): void {
    const { done, total, unit, region = '', outcome, image, judged, why = '' } = data
    if (judged !== undefined) {
      const verdict = judged.judgement === 'better' ? 'better, go on' : judged.judgement
      line('judge', `machine 1: ${judged.why}      ${verdict}`, Date.parse(at))
      return
    }
    if (outcome === 'waiting' || outcome === 'reverted') {
      line(outcome === 'waiting' ? 'wait' : 'revert', `${unit.slice(0, 6)} ${region}   ${why}`, Date.parse(at))
      return
    }
    terminal.progress(
      `        ${bar(done, total)}  ${unit.slice(0, 6)} ${region}   ${outcome}, runs ${shortImage(image)}`,
      true,
    )
  }
}
