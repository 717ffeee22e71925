import { IntakeRefused } from './intake-refused.ts'

/** How far a signed time may lie from now, before or after: Standard Webhooks gives five minutes. */
export const defaultWindowMs = 5 * 60_000

/** Refuses what was signed outside the window, before or after now: a replay, or a clock that is wrong. */
export function refuseStale(field: string, at: number, now: number, pastMs: number, futureMs = pastMs): void {
  const seconds = Math.round(Math.abs(now - at) / 1_000)
  if (now - at > pastMs)
    throw new IntakeRefused('DELIVERY_STALE', field, `was sent ${seconds} s ago: check both clocks`)
  if (at - now > futureMs)
    throw new IntakeRefused('DELIVERY_STALE', field, `lies ${seconds} s in the future: check both clocks`)
}

/** Whole Unix seconds, as every signing sender writes them, in milliseconds. */
export function unixSeconds(field: string, text: string | null): number {
  if (text === null || !/^\d{1,12}$/.test(text))
    throw new IntakeRefused('DELIVERY_STALE', field, 'is missing or not a Unix time in whole seconds')
  return Number(text) * 1_000
}
