import type { Signal } from '@firebreak/core'
import { isRefusal } from '../loop/subject.ts'

/** One service's signals, one batch at a time: what arrives during an append shares the next one. */
export interface Queue {
  /** Resolves when these signals are recorded. */
  add(signals: readonly Signal[]): Promise<void>
  /** Takes the turn at once if nobody has it; what is added waits until it is given back. `undefined`: it is taken. */
  hold(): (() => void) | undefined
}

interface Waiting {
  readonly signals: readonly Signal[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Signals of several senders in one append, at most: one event holds them, and has a limit. */
export const mostTogether = 100

type Take<Owner> = (owner: Owner, signals: readonly Signal[]) => Promise<void>

/** `owner` is whose signals they are. */
export function createQueue<Owner>(owner: Owner, take: Take<Owner>): Queue {
  return new Batches(owner, take)
}

/** A class, and without a function of its own, for there is one for every service that was ever ill. */
class Batches<Owner> implements Queue {
  #waiting: Waiting[] | undefined
  #busy = false
  readonly #owner: Owner
  readonly #take: Take<Owner>

  constructor(owner: Owner, take: Take<Owner>) {
    this.#owner = owner
    this.#take = take
  }

  async add(signals: readonly Signal[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting ??= []
      this.#waiting.push({ signals, resolve, reject })
      if (!this.#busy) void this.#drain()
    })
  }

  hold(): (() => void) | undefined {
    if (this.#busy) return undefined
    this.#busy = true
    return () => {
      if (this.#waiting === undefined) this.#busy = false
      else void this.#drain()
    }
  }

  async #drain(): Promise<void> {
    this.#busy = true
    for (let waiting = this.#waiting; waiting !== undefined; waiting = this.#waiting)
      await this.#takeTogether(this.#next(waiting))
    this.#busy = false
  }

  #next(waiting: Waiting[]): readonly Waiting[] {
    let count = 0
    const end = waiting.findIndex((it) => (count += it.signals.length) > mostTogether)
    if (end === -1) {
      this.#waiting = undefined
      return waiting
    }
    const batch = waiting.slice(0, Math.max(1, end))
    this.#waiting = batch.length === waiting.length ? undefined : waiting.slice(batch.length)
    return batch
  }

  async #takeTogether(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch
    const together = batch.length === 1 && first !== undefined ? first.signals : batch.flatMap((it) => it.signals)
    try {
      await this.#takeAll(together)
      for (const { resolve } of batch) resolve()
    } catch (error) {
      // What one sender sent and cannot be recorded is not its neighbours' fault.
      if (batch.length > 1 && isRefusal(error)) for (const it of batch) await this.#takeTogether([it])
      else for (const { reject } of batch) reject(error)
    }
  }

  async #takeAll(signals: readonly Signal[]): Promise<void> {
    if (signals.length <= mostTogether) return this.#take(this.#owner, signals)
    for (let start = 0; start < signals.length; start += mostTogether)
      await this.#take(this.#owner, signals.slice(start, start + mostTogether))
  }
}
