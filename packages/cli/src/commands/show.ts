import { linkOf, reduceIncident, verifyChain, type IncidentLog, type RecordedEvent } from '@firebreak/core'
import { renderTimeline } from '@firebreak/postmortem'
import { createResponder } from '@firebreak/responder'
import type { Terminal } from '../terminal/terminal.ts'

/** One incident: what happened, why, and whether its history is whole. */
export async function show(log: IncidentLog, id: string, terminal: Terminal, timeZone: string): Promise<number> {
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
