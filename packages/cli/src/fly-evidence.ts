import type { FlyApp } from '@firebreak/fly'
import type { EvidenceCollector } from '@firebreak/responder'

/** What Fly forgets when a machine is updated: its events, its configuration, and its last log lines. */
export function flyEvidence(app: FlyApp): EvidenceCollector {
  return {
    name: 'fly',
    async collect({ since, until, signal }) {
      const machines = await app.machines.list({ signal })
      const details = await Promise.all(machines.map((machine) => app.machines.get(machine.id, { signal })))
      const events = details.flatMap((machine) => machine.events)
      const lines: unknown[] = []
      for await (const entry of app.logs({ since, follow: false, signal })) {
        lines.push(entry)
        if (lines.length >= 1_000) break
      }
      const seconds = Math.round((until - since) / 1_000)
      return [
        {
          kind: 'machine events',
          summary: `${events.length} events of ${details.length} machines`,
          raw: JSON.stringify(events),
        },
        {
          kind: 'configuration',
          summary: `of ${details.length} machines`,
          raw: JSON.stringify(details.map(({ id, config }) => ({ id, config }))),
        },
        { kind: 'logs', summary: `${lines.length} lines over ${seconds} s`, raw: JSON.stringify(lines) },
      ]
    },
  }
}
