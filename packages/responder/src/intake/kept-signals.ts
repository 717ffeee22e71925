import type { Signal } from '@firebreak/core'
import type { House } from '../loop/house.ts'
import { messageOf } from '../loop/perform.ts'
import { isRefusal } from '../loop/subject.ts'

/** What our own probes saw while the log took nothing. Others repeat what they got no 2xx for; a look is not repeated. */
export interface KeptSignals {
  /** Takes the signal in, now or when the log is back; with the time at which it was seen. Rejects when it is none. */
  take(signal: Signal): Promise<void>
}

export interface KeptSignalsOptions {
  readonly house: House
  readonly take: (signals: readonly Signal[]) => Promise<void>
  readonly stopping: AbortSignal
}

/** Kept at most: the newest. What is older has been seen again since. */
const mostKept = 1_000
const againEveryMs = 1_000

export function createKeptSignals({ house, take, stopping }: KeptSignalsOptions): KeptSignals {
  const { clock, logger } = house
  let kept: Signal[] = []
  let trying = false
  let dropped = 0

  async function tryAgain(): Promise<void> {
    while (kept.length > 0) {
      await clock.sleep(againEveryMs, stopping)
      let recorded = 0
      try {
        // One by one: of several words on one key in one take, only the last would be written down.
        for (let next = kept[0]; next !== undefined; next = kept[0]) {
          await take([next]).catch(refuse)
          kept = kept.filter((signal) => signal !== next)
          recorded += 1
        }
      } catch {
        continue
      }
      logger.info('what the probes saw without the log is recorded', { signals: recorded, dropped })
      dropped = 0
    }
  }

  function refuse(error: unknown): void {
    if (!isRefusal(error)) throw error
    logger.error('what a probe saw cannot be recorded', { error: messageOf(error) })
  }

  return {
    async take(signal) {
      try {
        // In the order in which they were seen: a newer word would make the kept ones late.
        if (kept.length === 0) return await take([signal])
      } catch (error) {
        // Said again it would be refused again, and all that comes after it would wait for ever.
        if (isRefusal(error)) throw error
        // Kept below; that the log is down is told by the intake.
      }
      kept.push(signal)
      if (kept.length > mostKept) dropped += kept.splice(0, kept.length - mostKept).length
      if (trying) return
      trying = true
      tryAgain()
        .catch(() => undefined)
        .finally(() => {
          trying = false
        })
    },
  }
}
