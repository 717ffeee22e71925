import { activeHold, reduceService, serviceStream, systemClock } from '@firebreak/core'
import type { HoldPlaced, IncidentLog, RecordedEvent, ServiceRecord } from '@firebreak/core'

/** A hold without a service is on all of them. */
export const everyService = '*'

export async function recordOf(log: IncidentLog, service: string): Promise<ServiceRecord> {
  const events: RecordedEvent[] = []
  for await (const event of log.read(serviceStream(service))) events.push(event)
  return reduceService(serviceStream(service), events)
}

/** What the log remembers of a service, with the holds on every service. */
export async function memoryOf(log: IncidentLog, service: string): Promise<ServiceRecord> {
  const [own, every] = [await recordOf(log, service), await recordOf(log, everyService)]
  return { ...own, holds: new Map([...every.holds, ...own.holds]) }
}

export interface HoldWatch {
  held(): boolean
  stop(): Promise<void>
}

/** Looks again every second: a hold that is placed while a rollback runs stops it before the next machine. */
export function watchHolds(log: IncidentLog, service: string, first: ServiceRecord): HoldWatch {
  let hold: HoldPlaced | undefined = activeHold(first, systemClock.now())
  const ending = new AbortController()
  async function look() {
    while (!ending.signal.aborted) {
      await systemClock.sleep(1_000, ending.signal)
      hold = activeHold(await memoryOf(log, service), systemClock.now())
    }
  }
  const looking = look().catch(() => {
    // A log that cannot be read any more stops the acting; the end of the watch does not.
    if (!ending.signal.aborted) unread = true
  })
  let unread = false
  return {
    held: () => unread || hold !== undefined,
    async stop() {
      ending.abort()
      await looking
    },
  }
}
