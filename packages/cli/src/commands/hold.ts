import { activeHold, type IncidentLog } from '@firebreak/core'
import { createResponder } from '@firebreak/responder'
import { CliError } from '../failure.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { everyService, memoryOf, recordOf } from './service-memory.ts'

export interface HoldWords {
  readonly app?: string | undefined
  readonly reason: string
  readonly by: string
  /** Minutes. */
  readonly minutes?: number | undefined
  readonly now: number
  /** ` --log …` of this command line, for the line that it prints. */
  readonly logWord?: string
}

/** Stops acting, never paging; every responder on this log reads it before each unit. */
export async function hold(
  log: IncidentLog,
  { app, reason, by, minutes, now, logWord = '' }: HoldWords,
  terminal: Terminal,
): Promise<number> {
  const until = minutes === undefined ? undefined : new Date(now + minutes * 60_000).toISOString()
  const id = await createResponder({ log, parts: [] }).hold({ service: app, reason, by, until })
  terminal.line(
    `on hold: nothing is changed on ${app ?? 'any service'}${until === undefined ? ' until it is released' : ` until ${until}`}; paging goes on`,
  )
  terminal.line(`release it: firebreak release ${id}${appWord(app)}${logWord}`)
  return 0
}

/** Lifts one hold, and says what is still held: "released" must never be said of a hold that is there. */
export async function release(
  log: IncidentLog,
  id: string,
  { app, by, logWord = '', now }: { app?: string | undefined; by: string; logWord?: string; now: number },
  terminal: Terminal,
): Promise<number> {
  const service = await holder(log, id, app)
  if (service === undefined)
    throw new CliError(
      'NO_HOLD',
      `there is no hold ${id} on ${app ?? 'any service of this log that had an incident'}: nothing was released; name its service with -a, as hold printed it`,
    )
  await createResponder({ log, parts: [] }).release(id, { service, by })
  const whom = service === everyService ? 'every service' : service
  const left = activeHold(await memoryOf(log, service), now)
  if (left === undefined) terminal.line(`released: automation may act on ${whom} again`)
  else {
    terminal.line(`released, but ${whom} is still on hold by ${left.by}: ${left.reason}`)
    terminal.line(`release it: firebreak release ${left.hold}${appWord(left.service)}${logWord}`)
  }
  return 0
}

async function holder(log: IncidentLog, id: string, app: string | undefined): Promise<string | undefined> {
  const services = new Set(app === undefined ? [everyService] : [app])
  if (app === undefined) for await (const { service } of log.list()) services.add(service)
  for (const service of services) if ((await recordOf(log, service)).holds.has(id)) return service
  return undefined
}

const appWord = (app: string | undefined) => (app === undefined ? '' : ` -a ${app}`)
