import type { StreamId, Subscription } from '@firebreak/core'

type Listener = (streams: readonly StreamId[]) => void

export interface Listeners {
  add(listener: Listener): Subscription
  /** After the current turn, so that an append is over before anybody hears of it. */
  tell(streams: readonly StreamId[]): void
  close(): void
  readonly size: number
}

/** Who wants to hear of appends. `changed` is called whenever somebody comes or goes. */
export function createListeners(changed: () => void = () => undefined): Listeners {
  const listeners = new Set<{ readonly listener: Listener }>()

  return {
    add(listener) {
      const entry = { listener }
      listeners.add(entry)
      changed()
      const close = () => {
        if (listeners.delete(entry)) changed()
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
      changed()
    },
    get size() {
      return listeners.size
    },
  }
}
