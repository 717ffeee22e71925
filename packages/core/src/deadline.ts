import type { Clock } from './clock.ts'
import { InvalidInput, TimeoutError } from './errors.ts'

/** One for all: making an `AbortError` with its stack costs more than the whole deadline. */
const cleared = /* @__PURE__ */ new Error('the deadline was cleared')

/** A signal that aborts with a `TimeoutError` after so many milliseconds of the clock, or with its parent. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal
  /** Cancels the timer; call it when the work is done (or use `using`). */
  clear(): void
}

/** Instead of `AbortSignal.timeout`, which runs on the wall clock and cannot be cancelled. */
export function withDeadline(clock: Clock, milliseconds: number, parent?: AbortSignal): Deadline {
  if (Number.isNaN(milliseconds)) throw new InvalidInput('milliseconds', 'is not a number; give the time allowed')
  const controller = new AbortController()
  const timer = new AbortController()
  const clear = () => {
    parent?.removeEventListener('abort', follow)
    timer.abort(cleared)
  }
  function follow() {
    controller.abort(parent?.reason)
    clear()
  }
  if (parent?.aborted === true) follow()
  else {
    parent?.addEventListener('abort', follow, { once: true })
    clock.sleep(milliseconds, timer.signal).then(
      () => {
        controller.abort(new TimeoutError(`took longer than ${milliseconds} ms`, milliseconds))
        clear()
      },
      () => undefined,
    )
  }
  return { signal: controller.signal, clear, [Symbol.dispose]: clear }
}
