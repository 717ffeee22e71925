import type { Clock, StreamId } from '@firebreak/core'
import type { Store } from './store.ts'

/** Looks now and then whether another process has appended. Runs only while somebody listens. */
export function createPolling(
  store: Store,
  clock: Clock,
  everyMs: number,
  tell: (streams: readonly StreamId[]) => void,
) {
  let stopping: AbortController | undefined

  async function run(signal: AbortSignal): Promise<void> {
    let seen: { position: number; version: number } | undefined
    for (;;) {
      seen = look(seen) ?? seen
      await clock.sleep(everyMs, signal)
    }
  }

  /** A look that fails is made up for by the next one; whoever appends or reads is told what is wrong with the file. */
  function look(seen: { position: number; version: number } | undefined) {
    try {
      const version = store.dataVersion()
      if (version === seen?.version) return undefined
      const position = store.lastPosition()
      if (seen !== undefined) tell(store.streamsSince(seen.position))
      return { position, version }
    } catch {
      return undefined
    }
  }

  return {
    /** Begins or ends, as there are listeners or none. */
    adjust(listeners: number): void {
      if (listeners > 0 && stopping === undefined) {
        stopping = new AbortController()
        run(stopping.signal).catch(() => undefined) // It ends by the abort, and by nothing else.
      } else if (listeners === 0) {
        stopping?.abort()
        stopping = undefined
      }
    },
  }
}
