import type { Clock } from '@firebreak/core'

export interface Appointment {
  cancel(): void
}

/**
 * What is going to happen in the simulated world, in order of time. Nothing runs by itself: `catchUp` does what has
 * fallen due, at its own time. Only while somebody holds the agenda open (a waiting request, a machine that is a real
 * server) is there a timer on the clock, and then one, for the earliest appointment.
 */
export interface Agenda {
  /** Milliseconds since the epoch; while an appointment runs, its own time. */
  now(): number
  at(time: number, run: () => void): Appointment
  after(milliseconds: number, run: () => void): Appointment
  catchUp(): void
  /** Keeps a timer on the clock until the disposer is called. */
  hold(): () => void
  close(): void
}

interface Entry {
  readonly time: number
  readonly order: number
  run: (() => void) | undefined
}

/** `start` lies in the past when the world has a history: it is lived through at the first `catchUp`. */
export function createAgenda(clock: Clock, start: number): Agenda {
  const heap: Entry[] = []
  let order = 0
  let lived = start
  let running = false
  let holders = 0
  let closed = false
  let timer: { readonly at: number; readonly abort: AbortController } | undefined

  const before = (one: Entry, other: Entry) =>
    one.time < other.time || (one.time === other.time && one.order < other.order)

  function push(entry: Entry) {
    let index = heap.push(entry) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!before(entry, heap[parent]!)) break
      heap[index] = heap[parent]!
      index = parent
    }
    heap[index] = entry
  }

  function pop() {
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let index = 0
    for (;;) {
      let child = index * 2 + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1
      if (!before(heap[child]!, last)) break
      heap[index] = heap[child]!
      index = child
    }
    heap[index] = last
  }

  function earliest(): Entry | undefined {
    while (heap[0] !== undefined && heap[0].run === undefined) pop()
    return heap[0]
  }

  function disarm() {
    timer?.abort.abort()
    timer = undefined
  }

  function arm() {
    if (closed || running || holders === 0) return
    const next = earliest()
    if (next === undefined || (timer !== undefined && timer.at <= next.time)) return
    disarm()
    const armed = { at: next.time, abort: new AbortController() }
    timer = armed
    clock.sleep(Math.max(0, next.time - clock.now()), armed.abort.signal).then(
      () => {
        if (timer !== armed) return
        timer = undefined
        agenda.catchUp()
      },
      () => undefined,
    )
  }

  const agenda: Agenda = {
    now: () => (running ? lived : Math.max(lived, clock.now())),
    at(time, run) {
      const entry: Entry = { time, order: (order += 1), run }
      if (!closed) push(entry)
      arm()
      return { cancel: () => void (entry.run = undefined) }
    },
    after: (milliseconds, run) => agenda.at(agenda.now() + milliseconds, run),
    catchUp() {
      if (running || closed) return
      running = true
      try {
        const until = clock.now()
        for (let next = earliest(); next !== undefined && next.time <= until; next = earliest()) {
          pop()
          lived = Math.max(lived, next.time)
          const run = next.run
          next.run = undefined
          run?.()
        }
        lived = Math.max(lived, until)
      } finally {
        running = false
      }
      arm()
    },
    hold() {
      holders += 1
      arm()
      let released = false
      return () => {
        if (released) return
        released = true
        holders -= 1
        if (holders === 0) disarm()
      }
    },
    close() {
      closed = true
      heap.length = 0
      disarm()
    },
  }
  return agenda
}
