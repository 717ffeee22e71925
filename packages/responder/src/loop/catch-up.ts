import type { Clock } from '@firebreak/core'
import type { Loop } from './loop.ts'

const mostSteps = 10_000
/**
 * What falls due within so long is waited for, in milliseconds: a first page waits half of it for others like it, and whoever
 * is called by cron comes back a minute later.
 */
const soonMs = 1_000

export interface CatchUpOptions {
  readonly loop: Pick<Loop, 'settled' | 'running'>
  readonly step: (now: number) => Promise<number | undefined>
  readonly clock: Clock
  /** What is due then is done too, although the clock may not be there yet; milliseconds since the epoch. */
  readonly from: number
  /** Ends the waiting, which then resolves as if nothing more were soon. */
  readonly stopping: AbortSignal
}

/** Does everything that is due, and what falls due within a second; resolves with the time of the next due thing after that. */
export async function catchUpOn({ loop, step, clock, from, stopping }: CatchUpOptions): Promise<number | undefined> {
  let at = from
  const now = () => Math.max(at, clock.now())
  const until = now() + soonMs
  let nextAt: number | undefined

  /** Waits until nothing runs any more, or until a time that is yet to come; gives that time where it came first. */
  async function settledOr(time: number | undefined): Promise<number> {
    const ended = new AbortController()
    const settled = loop.settled().then(() => at)
    const milliseconds = (time ?? at) - now()
    if (time === undefined || milliseconds <= 0 || stopping.aborted) return settled
    const slept = clock.sleep(milliseconds, AbortSignal.any([ended.signal, stopping])).then(
      () => time,
      () => settled,
    )
    try {
      return await Promise.race([settled, slept])
    } finally {
      ended.abort()
    }
  }

  for (let number = 0; number < mostSteps; number += 1) {
    nextAt = await step(now())
    if (loop.running > 0) {
      // A slow action keeps nothing else waiting that falls due meanwhile.
      at = Math.max(at, await settledOr(nextAt))
      continue
    }
    if (nextAt === undefined || stopping.aborted) break
    const milliseconds = nextAt - now()
    if (milliseconds <= 0) continue
    if (nextAt > until) break
    // A sleep that fails was told to stop: what it waited for is somebody else's.
    await clock.sleep(milliseconds, stopping).catch(() => undefined)
    if (stopping.aborted) break
    at = nextAt
  }
  return nextAt
}
