import { EventEmitter } from 'eventemitter3'
import type { FirebreakEvents } from './events.ts'

/** Event name → the arguments of its listeners. */
export type EventMap = { [name: string]: unknown[] }

/** Takes a listener off the bus: call it, or let `using` do it. Twice is harmless. */
export type Disposer = (() => void) & Disposable

/**
 * Tells, and remembers nothing. A listener that throws or rejects never stops the others: `listener.failed` is told.
 * `Events` maps each name to its payload; ours is `[data, recorded?]`.
 */
export interface Bus<Events extends object = FirebreakEvents> {
  on<Name extends keyof Events & string>(name: Name, listener: (...payload: Payload<Events, Name>) => unknown): Disposer
  emit<Name extends keyof Events & string>(name: Name, ...payload: Payload<Events, Name>): void
  /** The payload of the next event of that name; rejects with the signal's reason when aborted. */
  once<Name extends keyof Events & string>(
    name: Name,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<Payload<Events, Name>>
  /** Settles when every listener called so far has, those included that they caused to be called meanwhile. */
  idle(): Promise<void>
}

export type Payload<Events, Name extends keyof Events> = Events[Name] extends unknown[] ? Events[Name] : never

/** What a primitive needs of a bus: the telling half. Any object with our events' `emit` will do. */
export interface Teller {
  emit<Name extends keyof FirebreakEvents>(name: Name, ...payload: FirebreakEvents[Name]): void
}

/** A bus of our events and yours: `createBus<{ 'oncall.paged': [who: string] }>()`. */
export function createBus<Own extends EventMap = {}>(): Bus<FirebreakEvents & Own> {
  const emitter = new EventEmitter<string>()
  const running = new Set<Promise<void>>()

  function failed(event: string, error: unknown) {
    if (event !== 'listener.failed') emitter.emit('listener.failed', { event, error })
  }
  function on(name: string, listener: (...payload: never[]) => unknown): Disposer {
    function guarded(...payload: unknown[]) {
      try {
        const result = listener(...(payload as never[]))
        if (!isThenable(result)) return
        const settled = Promise.resolve(result).then(
          () => void running.delete(settled),
          (error: unknown) => {
            running.delete(settled)
            failed(name, error)
          },
        )
        running.add(settled)
      } catch (error) {
        failed(name, error)
      }
    }
    emitter.on(name, guarded)
    const off = () => void emitter.off(name, guarded)
    return Object.assign(off, { [Symbol.dispose]: off })
  }
  const bus = {
    on,
    emit: (name: string, ...payload: unknown[]) => void emitter.emit(name, ...payload),
    once(name: string, { signal }: { signal?: AbortSignal | undefined } = {}) {
      return new Promise((resolve, reject) => {
        signal?.throwIfAborted()
        const off = on(name, (...payload) => {
          off()
          signal?.removeEventListener('abort', abort)
          resolve(payload)
        })
        function abort() {
          off()
          reject(signal?.reason)
        }
        signal?.addEventListener('abort', abort, { once: true })
      })
    },
    async idle() {
      while (running.size > 0) await Promise.all(running)
    },
  }
  return bus as unknown as Bus<FirebreakEvents & Own>
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
