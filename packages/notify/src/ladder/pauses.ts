import type { Incident } from '@firebreak/core'

/** A stretch in which a ladder stands still; without an end as long as nothing regressed. */
export interface Pause {
  readonly from: number
  readonly until: number
}

const wentWrong = new Set(['regressed', 'failed', 'unverified', 'refuted', 'partial', 'aborted'])

/** From each verified mitigation to the next thing that went wrong. */
export function pausesOf({ mitigations, verifiedAt }: Readonly<Incident>): readonly Pause[] {
  const verified = mitigations.filter(({ outcome }) => outcome === 'verified').map(({ at }) => at)
  if (verifiedAt !== undefined && !verified.includes(verifiedAt)) verified.push(verifiedAt)
  return verified
    .toSorted((left, right) => left - right)
    .map((from) => ({
      from,
      until: mitigations.find(({ at, outcome }) => at > from && wentWrong.has(outcome))?.at ?? Number.POSITIVE_INFINITY,
    }))
}

/**
 * When so much time has passed on a ladder that began at `start`: pauses do not count, so that a regression resumes it where
 * it was. Never, as things stand: infinity. A pause that began before the start belongs to an older story.
 */
export function timeOn(start: number, elapsedMs: number, pauses: readonly Pause[]): number {
  let at = start
  let left = elapsedMs
  for (const { from, until } of pauses) {
    if (from < start || until <= at) continue
    if (at + left < from) break
    left -= Math.max(0, from - at)
    at = until
  }
  return at + left
}

/** How much time has passed on that ladder: the inverse of `timeOn`. */
export function elapsedOn(start: number, at: number, pauses: readonly Pause[]): number {
  let elapsed = at - start
  for (const { from, until } of pauses) {
    if (from < start || from >= at) continue
    elapsed -= Math.min(until, at) - from
  }
  return elapsed
}

/** Since when it has stood still; `undefined` while it runs. */
export function pausedSince(start: number, at: number, pauses: readonly Pause[]): number | undefined {
  return pauses.find(({ from, until }) => from >= start && from <= at && at < until)?.from
}
