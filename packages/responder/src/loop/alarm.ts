import type { Clock } from '@firebreak/core'

/** What the loop sleeps by: until a time, or until somebody wakes it. */
export interface Alarm {
  /** Resolves after so many milliseconds, possibly sooner; at once when it rang since the last wait. */
  wait(milliseconds: number): Promise<void>
  ring(): void
  /** Leaves no timer behind. */
  stop(): void
}

interface Timer {
  readonly at: number
  readonly stopping: AbortController
}

/** One reason for all: an error made anew each time costs more than the timer. */
const notNeeded = new Error('another time is waited for')

/** The loop is woken far more often than its next time changes: a timer that is early enough is kept over many waits. */
export function createAlarm(clock: Clock): Alarm {
  let rang = false
  let resume: (() => void) | undefined
  let timer: Timer | undefined

  function ring() {
    rang = true
    resume?.()
  }
  function stop() {
    timer?.stopping.abort(notNeeded)
    timer = undefined
  }
  function set(milliseconds: number) {
    stop()
    const own: Timer = { at: clock.now() + milliseconds, stopping: new AbortController() }
    timer = own
    // A sleep that fails is over too: the loop looks for itself what is due.
    const over = () => {
      if (timer !== own) return
      timer = undefined
      ring()
    }
    clock.sleep(milliseconds, own.stopping.signal).then(over, over)
  }

  return {
    async wait(milliseconds) {
      if (!rang) {
        const now = clock.now()
        if (timer === undefined || timer.at > now + milliseconds || timer.at <= now) set(milliseconds)
        await new Promise<void>((resolve) => {
          resume = resolve
        })
        resume = undefined
      }
      rang = false
    },
    ring,
    stop,
  }
}
