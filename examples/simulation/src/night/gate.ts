import type { Clock, IncidentLog } from '@firebreak/core'
import type { CrashPoint } from './story.ts'

/**
 * The wall between one process and the world. A process that died is never answered again; one that sleeps (SIGSTOP, a long
 * pause) is answered when it wakes, and what it had sent arrives all the same.
 */
export interface Gate {
  readonly clock: Clock
  readonly alive: boolean
  /** Lets one call through. */
  through<T>(call: () => Promise<T>, kind?: 'append' | 'write' | 'send'): Promise<T>
  log(log: IncidentLog): IncidentLog
  die(silent: boolean): void
  sleep(milliseconds: number): void
  /** At its nth passing of the point from now on, `spring` is called before anything else happens. */
  arm(point: CrashPoint, nth: number, spring: () => void): void
}

const never = () => new Promise<never>(() => undefined)

export function createGate(clock: Clock, skewMs: number): Gate {
  let alive = true
  let wakesAt = 0
  const death = new AbortController()
  const armed: { point: CrashPoint; left: number; spring: () => void }[] = []

  const halted = () => !alive || clock.now() < wakesAt

  async function awake(): Promise<void> {
    while (alive && clock.now() < wakesAt) await clock.sleep(wakesAt - clock.now())
    if (!alive) await never()
  }

  function reach(point: CrashPoint) {
    for (const trap of armed) {
      if (trap.point !== point) continue
      trap.left -= 1
      if (trap.left === 0) trap.spring()
    }
  }

  async function through<T>(call: () => Promise<T>, kind?: 'append' | 'write' | 'send'): Promise<T> {
    if (kind !== undefined) reach(`before ${kind}`)
    if (halted()) await awake()
    try {
      return await call()
    } finally {
      if (kind !== undefined) reach(`after ${kind}`)
      if (halted()) await awake()
    }
  }

  return {
    clock: {
      now: () => clock.now() + skewMs,
      async sleep(milliseconds, signal) {
        try {
          await clock.sleep(milliseconds, signal)
        } finally {
          if (halted()) await awake()
        }
      },
    },
    get alive() {
      return alive
    },
    through,
    log: (log) => ({
      ...log,
      append: (writes) => through(() => log.append(writes), 'append'),
      async *read(stream, options) {
        if (halted()) await awake()
        yield* log.read(stream, options)
      },
      async *list(query) {
        if (halted()) await awake()
        yield* log.list(query)
      },
      subscribe: (listener) =>
        log.subscribe!((streams) => {
          if (!halted()) listener(streams)
          else void awake().then(() => listener(streams))
        }),
      presence: (owner) => log.presence!(owner, { signal: death.signal }),
    }),
    die(silent) {
      alive = false
      if (!silent) death.abort(new Error('the process died'))
    },
    sleep(milliseconds) {
      wakesAt = Math.max(wakesAt, clock.now() + milliseconds)
    },
    arm(point, nth, spring) {
      armed.push({ point, left: nth, spring })
    },
  }
}
