/** The only source of time. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Resolves after so many milliseconds; rejects with the signal's reason when aborted, and leaves no timer then. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
}

/** `setTimeout` fires at once beyond this; longer sleeps are cut into pieces. */
const longestTimer = 2_147_483_647

/* oxlint-disable house/clock-port -- this is the port */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    let left = milliseconds
    for (; left > longestTimer; left -= longestTimer) await pause(longestTimer, signal)
    await pause(left, signal)
  },
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const timer = setTimeout(done, milliseconds)
    signal?.addEventListener('abort', abort, { once: true })
    function done() {
      signal?.removeEventListener('abort', abort)
      resolve()
    }
    function abort() {
      clearTimeout(timer)
      reject(signal?.reason)
    }
  })
}
