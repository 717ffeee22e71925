import { linkOf, reduceIncident, verifyChain, type IncidentLog, type RecordedEvent } from '@firebreak/core'
import { renderTimeline } from '@firebreak/postmortem'
import { createResponder } from '@firebreak/responder'
import { lineOf } from '../failure.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Incidents one after another, as a page about several names them. One that cannot be shown does not keep the others back. */
export async function showEach(
  log: IncidentLog,
  ids: readonly string[],
  terminal: Terminal,
  timeZone: string,
): Promise<number> {
  let exitCode = 0
  for (const [index, id] of ids.entries()) {
    if (index > 0) terminal.line()
    try {
      exitCode = Math.max(exitCode, await show(log, id, terminal, timeZone))
    } catch (error) {
      terminal.complain(lineOf(error))
      exitCode = 1
    }
  }
  return exitCode
}

/** One incident: what happened, why, and whether its history is whole. */
async function show(log: IncidentLog, id: string, terminal: Terminal, timeZone: string): Promise<number> {
  const reader = createResponder({ log, parts: [] })
  const { stream } = await reader.incident(id)
  const events: RecordedEvent[] = []
  for await (const event of log.read(stream)) events.push(event)
  const incident = reduceIncident(events)
  const explained = await reader.explain(stream)
  const timeline = renderTimeline(events, { timeZone })
  terminal.line(explained.incident)
  terminal.line()
  terminal.line(timeline)
  const sections = [
    ['Why this level', explained.severity],
    ['Pages', explained.pages],
    ['Not paged', explained.notPaged],
    ['Mitigation', explained.mitigation],
    ['Not done', explained.notDone],
  ] as const
  for (const [title, lines] of sections) {
    if (lines.length === 0) continue
    terminal.line()
    terminal.line(title)
    for (const line of lines) terminal.line(`  ${line}`)
  }
  const chain = verifyChain(events.map(linkOf))
  terminal.line()
  terminal.line(
    chain.ok
      ? `${events.length} events, ${terminal.paint.ok('chain ok')}, head ${chain.head.slice(0, 12)}`
      : terminal.paint.no(`the history was changed at event ${chain.version}: ${chain.why}`),
  )
  if (incident.postmortem !== undefined) terminal.line(`post-mortem  ${incident.postmortem.join('  ')}`)
  return chain.ok ? 0 : 1
}
