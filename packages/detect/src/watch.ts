import {
  InvalidInput,
  systemClock,
  systemRandom,
  type Clock,
  type Probe,
  type Random,
  type Signal,
  type Teller,
} from '@firebreak/core'
import { runLookout } from './lookout.ts'
import { numberIn, wholeIn } from './numbers.ts'
import { createTelling } from './telling.ts'

export interface WatchOptions {
  /** Milliseconds from the start of one observation to the start of the next. */
  readonly everyMs: number
  /**
   * Milliseconds that one observation may take, then the probe counts as broken. Default 15,000, whatever `everyMs` is: our
   * probes' own limits are shorter, so that a service that hangs is the service being down.
   */
  readonly timeoutMs?: number | undefined
  /** How much of `everyMs` chance may add or take, 0…1, so that replicas do not look in step. Default 0.1. */
  readonly jitter?: number | undefined
  /** Longest pause while a probe keeps failing, in milliseconds. Default: twice `everyMs`. */
  readonly maxBackoffMs?: number | undefined
  /** After so many failures in a row "the probe is broken" becomes a signal of its own (P3). Default 3. */
  readonly brokenAfter?: number | undefined
  /** Gets `signal.observed` and `probe.failed`. */
  readonly bus?: Teller | undefined
  /** Called with each signal. What it throws or rejects with stops nothing; a bus is told `listener.failed`. */
  readonly onSignal?: ((signal: Signal) => unknown) | undefined
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

export interface Watch extends AsyncDisposable {
  /** Ends it; resolves when nothing of it runs any more and no timer is left. Twice is harmless. */
  stop(): Promise<void>
}

/**
 * Runs probes until stopped, each on its own rhythm: never two observations of one probe at a time, none longer than its
 * time limit, slower while it fails. A probe that cannot look is told as `probe.failed`, and after `brokenAfter` times as
 * a warning under the key `probe/<name>`; that says nothing about the service.
 */
export function watch(probes: readonly Probe[], options: WatchOptions): Watch {
  const everyMs = numberIn(options.everyMs, 'everyMs', 1)
  const jitter = numberIn(options.jitter ?? 0.1, 'jitter', 0, 1)
  const rhythm = {
    everyMs,
    jitter,
    timeoutMs: numberIn(options.timeoutMs ?? 15_000, 'timeoutMs', 1),
    maxBackoffMs: numberIn(options.maxBackoffMs ?? everyMs * 2, 'maxBackoffMs', 1),
    brokenAfter: wholeIn(options.brokenAfter ?? 3, 'brokenAfter', 1),
  }
  const { clock = systemClock, random = systemRandom, bus, onSignal, signal: parent } = options
  refuseTwins(probes)

  const stopping = new AbortController()
  const stopWithParent = () => stopping.abort(parent?.reason)
  if (parent?.aborted === true) stopWithParent()
  else parent?.addEventListener('abort', stopWithParent, { once: true })

  const tell = createTelling(bus, onSignal)
  const running = Promise.all(
    probes.map((probe) => runLookout(probe, { rhythm, clock, random, tell, signal: stopping.signal })),
  )
  async function stop() {
    parent?.removeEventListener('abort', stopWithParent)
    stopping.abort()
    await running
  }
  return { stop, [Symbol.asyncDispose]: stop }
}

function refuseTwins(probes: readonly Probe[]): void {
  const names = new Set<string>()
  for (const [index, { name }] of probes.entries()) {
    if (names.has(name))
      throw new InvalidInput(`probes[${index}].name`, `"${name}" is taken: give each probe a name of its own`)
    names.add(name)
  }
}
