import type { Signal, Teller } from '@firebreak/core'

/** Where signals and failures of probes go. Never throws. */
export interface Telling {
  signal(signal: Signal): void
  failure(probe: string, error: unknown): void
}

export function createTelling(bus: Teller | undefined, onSignal: ((signal: Signal) => unknown) | undefined): Telling {
  function failed(error: unknown) {
    attempt(() => bus?.emit('listener.failed', { event: 'signal.observed', error }))
  }
  return {
    signal(signal) {
      attempt(() => bus?.emit('signal.observed', signal))
      try {
        Promise.resolve(onSignal?.(signal)).catch(failed)
      } catch (error) {
        failed(error)
      }
    },
    failure: (probe, error) => attempt(() => bus?.emit('probe.failed', { probe, error })),
  }
}

/** A bus of ours never throws; a foreign one must not end a watch either. */
function attempt(action: () => void): void {
  try {
    action()
  } catch {
    // There is nobody left to tell.
  }
}
