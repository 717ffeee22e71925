import type { Signal } from '@firebreak/core'

/** One call of the intake: told when all its signals are recorded, wherever each of them went. */
export class Sender {
  readonly signals: readonly Signal[]
  readonly #resolve: () => void
  readonly #reject: (error: unknown) => void
  #open = 1
  #failure: { readonly error: unknown } | undefined

  constructor(signals: readonly Signal[], resolve: () => void, reject: (error: unknown) => void) {
    this.signals = signals
    this.#resolve = resolve
    this.#reject = reject
  }

  /** Some of its signals go their own way. */
  waitFor(part: Promise<void>): void {
    this.#open += 1
    part.then(
      () => this.done(),
      (error: unknown) => {
        this.#failure ??= { error }
        this.done()
      },
    )
  }

  /** The rest of them is recorded. */
  done(): void {
    this.#open -= 1
    if (this.#open > 0) return
    if (this.#failure === undefined) this.#resolve()
    else this.#reject(this.#failure.error)
  }
}
