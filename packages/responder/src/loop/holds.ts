import type { ServiceRecord } from '@firebreak/core'

/** A hold on everything is a hold on each service: whoever placed it, parts and performers know before they act. */
export function withHoldsOnAll(own: ServiceRecord, every: ServiceRecord): ServiceRecord {
  return every.holds.size === 0 ? own : { ...own, holds: new Map([...every.holds, ...own.holds]) }
}

/** What waits for a hold plans nothing meanwhile: its end is something to wake for. */
export function endOfHold({ holds }: ServiceRecord, now: number): number | undefined {
  const ends = Array.from(holds.values(), ({ until = '' }) => Date.parse(until)).filter((end) => end > now)
  return ends.length === 0 ? undefined : Math.min(...ends)
}
