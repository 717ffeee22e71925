import type { IncidentLog } from '@firebreak/core'
import { createResponder } from '@firebreak/responder'
import type { Terminal } from '../terminal/terminal.ts'

export interface HoldWords {
  readonly app?: string | undefined
  readonly reason: string
  readonly by: string
  /** Minutes. */
  readonly minutes?: number | undefined
  readonly now: number
}

/** Stops acting, never paging; every responder on this log reads it before each unit. */
export async function hold(
  log: IncidentLog,
  { app, reason, by, minutes, now }: HoldWords,
  terminal: Terminal,
): Promise<number> {
  const until = minutes === undefined ? undefined : new Date(now + minutes * 60_000).toISOString()
  const id = await createResponder({ log, parts: [] }).hold({ service: app, reason, by, until })
  terminal.line(
    `on hold: nothing is changed on ${app ?? 'any service'}${until === undefined ? ' until it is released' : ` until ${until}`}; paging goes on`,
  )
  terminal.line(`release it: firebreak release ${id}${app === undefined ? '' : ` -a ${app}`}`)
  return 0
}

export async function release(
  log: IncidentLog,
  id: string,
  { app, by }: { app?: string | undefined; by: string },
  terminal: Terminal,
): Promise<number> {
  await createResponder({ log, parts: [] }).release(id, { service: app, by })
  terminal.line(`released: automation may act on ${app ?? 'every service'} again`)
  return 0
}
