import type { ServiceRecord } from '@firebreak/core'

/** A hold on everything is a hold on each service: whoever placed it, parts and performers know before they act. */
export function withHoldsOnAll(own: ServiceRecord, every: ServiceRecord): ServiceRecord {
  return every.holds.size === 0 ? own : { ...own, holds: new Map([...every.holds, ...own.holds]) }
}
