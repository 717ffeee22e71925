import { withDeadline, type Bus, type Clock, type Probe, type Signal, type Teller } from '@firebreak/core'
import { isRefusal } from './loop/subject.ts'

export interface LookOptions {
  readonly bus: Bus & Teller
  readonly clock: Clock
  /** Of one look, in milliseconds. */
  readonly timeoutMs: number
  readonly take: (signals: readonly Signal[]) => Promise<void>
  readonly signal: AbortSignal
}

/**
 * One look with each probe, all at once. One that throws, hangs or sees what is no signal is told as `probe.failed` and stops
 * no other; rejects when the log takes nothing.
 */
export async function lookOnce(probes: readonly Probe[], options: LookOptions): Promise<void> {
  const refusals: unknown[] = []
  await Promise.all(
    probes.map(async (probe) => {
      const seen = await look(probe, options)
      if (seen.length === 0) return
      await options.take(seen).catch((error: unknown) => {
        if (isRefusal(error)) options.bus.emit('probe.failed', { probe: probe.name, error })
        else refusals.push(error)
      })
    }),
  )
  if (refusals.length > 0) throw refusals[0]
}

async function look(probe: Probe, { bus, clock, timeoutMs, signal }: LookOptions): Promise<readonly Signal[]> {
  const deadline = withDeadline(clock, timeoutMs, signal)
  try {
    const seen: unknown = await Promise.race([observe(probe, deadline.signal), aborted(deadline.signal)])
    if (!Array.isArray(seen)) throw new Error(`${probe.name} must give a list of signals`)
    return seen as readonly Signal[]
  } catch (error) {
    bus.emit('probe.failed', { probe: probe.name, error })
    return []
  } finally {
    deadline.clear()
  }
}

async function observe(probe: Probe, signal: AbortSignal): Promise<unknown> {
  return probe.observe({ signal })
}

/** For a probe that does not heed its signal. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const give = () => reject(signal.reason as Error)
    if (signal.aborted) give()
    else signal.addEventListener('abort', give, { once: true })
  })
}
