import type { IncidentLog } from '@firebreak/core'
import { formatElapsed } from '@firebreak/postmortem'
import type { Terminal } from '../terminal/terminal.ts'

/** What is open, and what was closed last: a line each. */
export async function status(
  log: IncidentLog,
  terminal: Terminal,
  { service, now }: { service?: string | undefined; now: number },
): Promise<number> {
  let open = 0
  const rows: string[] = []
  for await (const it of log.list({ limit: 20, ...(service === undefined ? {} : { service }) })) {
    if (it.status !== 'resolved') open += 1
    const until = it.resolvedAt === undefined ? now : Date.parse(it.resolvedAt)
    const level =
      it.worst === it.severity || it.worst === null ? (it.severity ?? '--') : `${it.severity ?? '--'} (was ${it.worst})`
    const row = `${it.code}  ${level.padEnd(11)}  ${it.status.padEnd(9)}  ${it.service.padEnd(28)}  since ${it.onsetAt}  ${formatElapsed(until - Date.parse(it.onsetAt))}`
    rows.push(it.status === 'resolved' ? terminal.paint.dim(row) : row)
  }
  for (const row of rows) terminal.line(row)
  terminal.line(rows.length === 0 ? 'no incidents' : `${open} open`)
  return 0
}
