import {
  createId,
  InvalidInput,
  systemClock,
  systemRandom,
  withDeadline,
  type Clock,
  type Probe,
  type Random,
  type Signal,
  type Symptom,
} from '@firebreak/core'
import { couldNotLook } from './could-not-look.ts'
import { numberIn, wholeIn } from './numbers.ts'
import { defaultStaleAfterMs } from './probe-options.ts'

export interface AskWhenUnsureOptions {
  /** One request of our own: was it answered well? It may reject as `fetch` does: refused is no answer, no network of ours is nothing. */
  readonly ask: (context: { signal: AbortSignal }) => Promise<boolean>
  /** How many at once, when in doubt. Default 10: all of them failing is a verdict (the policy's rule for few requests). */
  readonly times?: number | undefined
  /** Milliseconds between two such rounds, unless the last one found failures: then at the next look. Default 300,000. */
  readonly everyMs?: number | undefined
  /** Milliseconds for one request; no answer is a failure. Default 5,000. */
  readonly timeoutMs?: number | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

/** The severity policy's: fewer failures prove nothing; a smaller ratio has no level. */
const provingFailures = 5
const lowestRatio = 0.01

/**
 * A probe of figures that asks for itself when users are too few to tell: some failures, and no window with enough of them.
 * What it hears is a figure of its own, `<name>/asked`. Nothing is asked while the figures speak for themselves.
 */
export function askWhenUnsure(probe: Probe, options: AskWhenUnsureOptions): Probe {
  const { ask, clock = systemClock, random = systemRandom } = options
  if (typeof ask !== 'function') throw new InvalidInput('ask', 'is no function: give one that makes a request')
  const times = wholeIn(options.times ?? 10, 'times', 1, 1_000)
  const everyMs = numberIn(options.everyMs ?? 300_000, 'everyMs', 0)
  const timeoutMs = numberIn(options.timeoutMs ?? 5_000, 'timeoutMs', 1)
  let askedAt = Number.NEGATIVE_INFINITY
  let failedLast = 0

  async function answered(parent: AbortSignal): Promise<boolean> {
    const deadline = withDeadline(clock, timeoutMs, parent)
    try {
      return await Promise.race([ask({ signal: deadline.signal }), refusal(deadline.signal)])
    } catch (error) {
      parent.throwIfAborted()
      couldNotLook(error, probe.name)
      return false
    } finally {
      deadline.clear()
    }
  }

  /** Nothing, when it was not the other side that failed. */
  async function asked(doubt: Signal, signal: AbortSignal): Promise<Signal[]> {
    askedAt = clock.now()
    const rounds = await Promise.allSettled(Array.from({ length: times }, async () => answered(signal)))
    signal.throwIfAborted()
    failedLast = rounds.filter((round) => round.status === 'fulfilled' && !round.value).length
    if (rounds.some(({ status }) => status === 'rejected')) return []
    const { service, labels, links, staleAfterMs = defaultStaleAfterMs } = doubt
    const told: Signal = {
      id: createId(clock, random),
      key: `${probe.name}/asked`,
      source: 'ask',
      measured: true,
      service,
      status: failedLast / times >= lowestRatio ? 'firing' : 'resolved',
      at: new Date(clock.now()).toISOString(),
      summary: `${times - failedLast} of ${times} requests of our own were answered; asked because: ${doubt.summary}`,
      symptoms: [{ kind: 'errorRate', ratio: failedLast / times, requests: times }],
      labels,
      links,
      staleAfterMs,
    }
    return [told]
  }

  return {
    ...probe,
    async observe(context) {
      const { signal } = context
      const seen = await probe.observe(context)
      const doubt = seen.find(isUnsure)
      const isDue = failedLast > 0 || (doubt !== undefined && clock.now() - askedAt >= everyMs)
      const about = doubt ?? seen.find(({ symptoms }) => symptoms.some(({ kind }) => kind === 'errorRate'))
      return isDue && about !== undefined ? [...seen, ...(await asked(about, signal))] : seen
    },
  }
}

/** Some fail, and in no window enough to say how many of all. */
function isUnsure({ status, symptoms }: Signal): boolean {
  const figures = symptoms.filter((symptom): symptom is ErrorRate => symptom.kind === 'errorRate')
  const ill = figures.filter(({ ratio }) => ratio >= lowestRatio)
  return status === 'firing' && ill.length > 0 && ill.every((figure) => failuresOf(figure) < provingFailures)
}

type ErrorRate = Extract<Symptom, { kind: 'errorRate' }>

function failuresOf({ ratio, requests = Infinity }: ErrorRate): number {
  return Math.round(ratio * requests)
}

function refusal(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    const give = () => resolve(false)
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })
}
