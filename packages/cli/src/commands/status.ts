import type { IncidentLog } from '@firebreak/core'
import { formatElapsed } from '@firebreak/postmortem'
import type { Terminal } from '../terminal/terminal.ts'
import { everyService, recordOf } from './service-memory.ts'
import { tellSilences } from './silence.ts'

/** What is open, what was closed last, which holds stop the acting, and what is silenced: a line each. */
export async function status(
  log: IncidentLog,
  terminal: Terminal,
  { service, now, logWord = '' }: { service?: string | undefined; now: number; logWord?: string },
): Promise<number> {
  let open = 0
  const rows: string[] = []
  const services = new Set(service === undefined ? [] : [service])
  for await (const it of log.list({ limit: 20, ...(service === undefined ? {} : { service }) })) {
    if (it.status !== 'resolved') open += 1
    services.add(it.service)
    const until = it.resolvedAt === undefined ? now : Date.parse(it.resolvedAt)
    const level =
      it.worst === it.severity || it.worst === null ? (it.severity ?? '--') : `${it.severity ?? '--'} (was ${it.worst})`
    const row = `${it.code}  ${level.padEnd(11)}  ${it.status.padEnd(9)}  ${it.service.padEnd(28)}  since ${it.onsetAt}  ${formatElapsed(until - Date.parse(it.onsetAt))}`
    rows.push(it.status === 'resolved' ? terminal.paint.dim(row) : row)
  }
  for (const row of rows) terminal.line(row)
  terminal.line(rows.length === 0 ? 'no incidents' : `${open} open`)
  for (const held of [everyService, ...services])
    for (const { hold, by, reason, until } of (await recordOf(log, held)).holds.values()) {
      if (until !== undefined && Date.parse(until) <= now) continue
      const whom = held === everyService ? 'every service' : held
      terminal.line(
        terminal.paint.warn(`on hold: ${whom}, by ${by}${until === undefined ? '' : ` until ${until}`}: ${reason}`),
      )
      terminal.line(`release it: firebreak release ${hold}${held === everyService ? '' : ` -a ${held}`}${logWord}`)
    }
  for (const silenced of services) await tellSilences(log, silenced, { now, logWord }, terminal)
  return 0
}
