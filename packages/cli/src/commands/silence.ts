import { isEvent, serviceStream, type EventData, type IncidentLog } from '@firebreak/core'
import { createResponder } from '@firebreak/responder'
import type { Terminal } from '../terminal/terminal.ts'

export interface SilenceWords {
  readonly app: string
  /** Only what this signal says; without it all that is said of the service. */
  readonly key?: string | undefined
  readonly reason: string
  readonly by: string
  readonly minutes: number
  readonly now: number
  /** ` --log …` of this command line, for the line that it prints. */
  readonly logWord?: string
}

/** For a planned disturbance: what is silenced raises no level, and what still fires at the end is judged then. */
export async function silence(
  log: IncidentLog,
  { app, key, reason, by, minutes, now, logWord = '' }: SilenceWords,
  terminal: Terminal,
): Promise<number> {
  const until = new Date(now + minutes * 60_000).toISOString()
  const id = await createResponder({ log, parts: [] }).silence({ service: app, key, reason, by, until })
  terminal.line(`silenced: ${what(app, key)} raises no level until ${until}; whoever was paged stays paged`)
  terminal.line(liftLine(id, app, logWord))
  return 0
}

/** Lifts one silence before its end. */
export async function unsilence(
  log: IncidentLog,
  id: string,
  { app, by }: { app: string; by: string },
  terminal: Terminal,
): Promise<number> {
  await createResponder({ log, parts: [] }).unsilence(id, { service: app, by })
  terminal.line(`lifted: what fires on ${app} is judged again`)
  return 0
}

/** The silences of a service that have not ended: a line each, and the line that lifts it. */
export async function tellSilences(
  log: IncidentLog,
  service: string,
  { now, logWord }: { now: number; logWord: string },
  terminal: Terminal,
): Promise<void> {
  const placed = new Map<string, EventData['silence.placed']>()
  for await (const event of log.read(serviceStream(service))) {
    // A later one on the same takes the place of the earlier.
    if (isEvent(event, 'silence.placed')) placed.set(event.data.key ?? '*', event.data)
    if (isEvent(event, 'silence.lifted'))
      for (const [key, it] of placed) if (it.silence === event.data.silence) placed.delete(key)
  }
  for (const { silence: id, key, until, by, reason } of placed.values()) {
    if (Date.parse(until) <= now) continue
    terminal.line(terminal.paint.warn(`silenced: ${what(service, key)}, by ${by} until ${until}: ${reason}`))
    terminal.line(liftLine(id, service, logWord))
  }
}

function what(service: string, key: string | undefined): string {
  return key === undefined ? `all that is said of ${service}` : `${key} on ${service}`
}

function liftLine(id: string, service: string, logWord: string): string {
  return `lift it: firebreak unsilence ${id} -a ${service}${logWord}`
}
