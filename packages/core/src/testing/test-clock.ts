import type { Clock } from '../clock.ts'

/** A clock that stands still until a test moves it. Timers fire in order of time, then of when they were set. */
export interface TestClock extends Clock {
  /** Moves on by so many milliseconds, firing what falls due, one macrotask after each. */
  advance(milliseconds: number): Promise<void>
  /**
   * Moves on from timer to timer until the promise settles, and gives its result. Rejects when it waits on time that
   * nobody will advance (no timer is left), or on more than `limitMs` (default 24 h).
   */
  run<T>(work: Promise<T>, options?: { limitMs?: number | undefined }): Promise<T>
  /** When the next timer is due, in milliseconds since the epoch. */
  next(): number | undefined
  /** How many sleepers there are: 0 at the end of a test that left nothing behind. */
  readonly pending: number
  /** Jumps without firing anything on the way: a broken NTP. */
  jump(milliseconds: number): void
}

interface Sleeper {
  readonly at: number
  readonly order: number
  readonly wake: () => void
}

export interface TestClockOptions {
  /**
   * What is waited for after each timer. `everything` (default): sockets, files and other threads get their turn too.
   * `promises`: all promises, and nothing from outside this process; for a world that is all in memory, where the turns of
   * the event loop cost more than its work.
   */
  readonly waitsFor?: 'everything' | 'promises' | undefined
}

/** Long enough for I/O-free work to settle between two timers. */
const idleTurns = 50

/** Default start: a Monday in winter, 02:00 UTC, which is 03:00 in Berlin. */
export function createTestClock(
  start: number = Date.parse('2026-11-23T02:00:00Z'),
  { waitsFor = 'everything' }: TestClockOptions = {},
): TestClock {
  let time = start
  let order = 0
  const heap: Sleeper[] = []

  /** Lets everything that is ready run. Neither of the two is a clock: the next tick comes when no promise is left to go on with. */
  const turn = () =>
    new Promise<void>((resolve) => {
      if (waitsFor === 'promises') process.nextTick(resolve)
      else setImmediate(resolve) // oxlint-disable-line house/clock-port -- as said
    })

  function remove(sleeper: Sleeper) {
    const index = heap.indexOf(sleeper)
    if (index >= 0) heap.splice(index, 1)
  }
  function insert(sleeper: Sleeper) {
    let low = 0
    let high = heap.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = heap[middle]!
      if (other.at < sleeper.at || (other.at === sleeper.at && other.order < sleeper.order)) low = middle + 1
      else high = middle
    }
    heap.splice(low, 0, sleeper)
  }
  async function fireNext() {
    const sleeper = heap.shift()
    if (sleeper === undefined) return
    time = Math.max(time, sleeper.at)
    sleeper.wake()
    await turn()
  }

  return {
    now: () => time,
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const sleeper: Sleeper = { at: time + Math.max(0, milliseconds), order: (order += 1), wake: done }
        insert(sleeper)
        signal?.addEventListener('abort', abort, { once: true })
        function done() {
          signal?.removeEventListener('abort', abort)
          resolve()
        }
        function abort() {
          remove(sleeper)
          reject(signal?.reason)
        }
      }),
    async advance(milliseconds) {
      const until = time + milliseconds
      await turn()
      while (heap[0] !== undefined && heap[0].at <= until) await fireNext()
      time = Math.max(time, until)
      await turn()
    },
    async run(work, { limitMs = 24 * 60 * 60_000 } = {}) {
      const until = time + limitMs
      let settled = false
      const settle = () => void (settled = true)
      void work.then(settle, settle)
      for (let idle = 0; !settled;) {
        await turn()
        if (settled) break
        if (heap[0] === undefined) {
          idle += 1
          if (idle > idleTurns)
            throw new Error('waits on time that nobody advances: no timer is set and the work has not settled')
          continue
        }
        idle = 0
        if (heap[0].at > until) throw new Error(`has not settled within ${limitMs} ms of virtual time`)
        await fireNext()
      }
      return work
    },
    next: () => heap[0]?.at,
    get pending() {
      return heap.length
    },
    jump(milliseconds) {
      time += milliseconds
    },
  }
}
