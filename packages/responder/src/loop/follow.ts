import type { StreamId } from '@firebreak/core'
import type { House } from './house.ts'
import { messageOf } from './perform.ts'

export interface FollowOptions {
  readonly house: House
  /** Between two looks, in milliseconds. */
  readonly everyMs: number
  readonly heard: (changed: readonly StreamId[]) => void
  readonly signal: AbortSignal
}

/** Hears of what others append to a log that tells nobody: looks at what has come since the last look. Ends by the signal. */
export async function followByPolling({ house, everyMs, heard, signal }: FollowOptions): Promise<void> {
  const { log, clock, logger } = house
  let after: string | undefined
  try {
    if (log.head !== undefined) after = await log.head()
    else for await (const { position } of log.readAll({ limit: 1_000_000_000 })) after = position
  } catch (error) {
    // Where the log stands is not known: then it is followed from as far as it could be read.
    logger.warn('the log could not be followed', { error: messageOf(error) })
  }
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal)
    const changed = new Set<StreamId>()
    try {
      for await (const event of log.readAll({ after, limit: 10_000 })) {
        after = event.position
        changed.add(event.stream)
      }
    } catch (error) {
      // It goes on from here at the next look.
      logger.warn('the log could not be followed', { error: messageOf(error) })
    }
    heard(Array.from(changed))
  }
}
