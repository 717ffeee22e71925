import { NetworkError, type Clock, type IncidentLog } from '@firebreak/core'
import type { CrashPoint, Network } from './story.ts'

/**
 * The wall between one process and the world. A process that died is never answered again; one that sleeps (SIGSTOP, a long
 * pause) is answered when it wakes, and what it had sent arrives all the same.
 */
export interface Gate {
  readonly clock: Clock
  readonly alive: boolean
  /** Lets one call through. */
  through<T>(call: () => Promise<T>, kind?: Kind): Promise<T>
  log(log: IncidentLog): IncidentLog
  die(silent: boolean): void
  sleep(milliseconds: number): void
  /** For so long it cannot reach this; `after`: what it asks for happens, and the answer is lost. */
  cutOff(from: Network, milliseconds: number, after: boolean): void
  /** At its nth passing of the point from now on, `spring` is called before anything else happens. */
  arm(point: CrashPoint, nth: number, spring: () => void): void
}

type Kind = 'append' | 'write' | 'send'

const networkOf = { append: 'log', write: 'platform', send: 'channels' } as const satisfies Record<Kind, Network>

const never = () => new Promise<never>(() => undefined)

/** `skewMs`: how far its clock is ahead of the true one, which the world beyond the wall goes by. */
export function createGate(clock: Clock, skewMs = 0): Gate {
  let alive = true
  let wakesAt = 0
  const cuts = new Map<Network, { readonly until: number; readonly after: boolean }>()
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

  async function through<T>(call: () => Promise<T>, kind?: Kind): Promise<T> {
    if (kind !== undefined) reach(`before ${kind}`)
    if (halted()) await awake()
    const to = kind === undefined ? 'platform' : networkOf[kind]
    try {
      return isCut(to) ? await intoTheVoid(to, call) : await call()
    } finally {
      if (kind !== undefined) reach(`after ${kind}`)
      if (halted()) await awake()
    }
  }

  const isCut = (from: Network) => clock.now() < (cuts.get(from)?.until ?? 0)
  const unreachable = (from: Network) => new NetworkError(`the ${from} cannot be reached`)

  async function intoTheVoid(to: Network, call: () => Promise<unknown>): Promise<never> {
    if (cuts.get(to)?.after === true) await call()
    throw unreachable(to)
  }

  /** Before the log is read. */
  async function toLog() {
    if (halted()) await awake()
    if (isCut('log')) throw unreachable('log')
  }

  /** What was appended while nobody could be told is told afterwards, as a connection does that is made again. */
  async function tellLater(listener: () => void) {
    while (isCut('log')) await clock.sleep((cuts.get('log')?.until ?? 0) - clock.now())
    if (halted()) await awake()
    listener()
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
        await toLog()
        yield* log.read(stream, options)
      },
      async *list(query) {
        await toLog()
        yield* log.list(query)
      },
      subscribe: (listener) =>
        log.subscribe!((streams) => {
          if (halted() || isCut('log')) void tellLater(() => listener(streams))
          else listener(streams)
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
    cutOff(from, milliseconds, after) {
      cuts.set(from, { until: clock.now() + milliseconds, after })
    },
    arm(point, nth, spring) {
      armed.push({ point, left: nth, spring })
    },
  }
}
