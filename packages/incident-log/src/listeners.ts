import type { StreamId, Subscription } from '@firebreak/core'

type Listener = (streams: readonly StreamId[]) => void

export interface Listeners {
  add(listener: Listener): Subscription
  /** After the current turn, so that an append is over before anybody hears of it. */
  tell(streams: readonly StreamId[]): void
  close(): void
}

/** Who wants to hear of appends. `changed` is told how many they are whenever somebody comes or goes. */
export function createListeners(changed: (count: number) => void = () => undefined): Listeners {
  const listeners = new Set<{ readonly listener: Listener }>()

  return {
    add(listener) {
      const entry = { listener }
      listeners.add(entry)
      changed(listeners.size)
      const close = () => {
        if (listeners.delete(entry)) changed(listeners.size)
      }
      return { close, [Symbol.dispose]: close }
    },
    tell(streams) {
      if (listeners.size === 0 || streams.length === 0) return
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
      changed(0)
    },
  }
}
