import { InvalidInput, type StreamId, type Subscription } from '@firebreak/core'

type Listener = (streams: readonly StreamId[]) => void

export interface Listeners {
  add(listener: Listener): Subscription
  /** After the current turn, so that an append is over before anybody hears of it. */
  tell(streams: Iterable<StreamId>): void
  close(): void
}

/** Who wants to hear of appends. `counted` is told how many they are whenever somebody comes or goes. */
export function createListeners(counted: (count: number) => void = () => undefined): Listeners {
  const listeners = new Set<{ readonly listener: Listener }>()

  return {
    add(listener) {
      if (typeof listener !== 'function') throw new InvalidInput('listener', 'must be a function')
      const entry = { listener }
      listeners.add(entry)
      counted(listeners.size)
      const close = () => {
        if (listeners.delete(entry)) counted(listeners.size)
      }
      return { close, [Symbol.dispose]: close }
    },
    tell(changed) {
      if (listeners.size === 0) return
      const streams = [...changed]
      if (streams.length === 0) return
      queueMicrotask(() => {
        for (const { listener } of listeners) {
          try {
            listener(streams)
          } catch {
            // A subscription is a hint: what a listener makes of it must not reach the writer or the other listeners.
          }
        }
      })
    },
    close() {
      listeners.clear()
      counted(0)
    },
  }
}
