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

type Take = (signals: readonly Signal[]) => Promise<void>

export function createQueue(take: Take): Queue {
  return new Batches(take)
}

/** A class, for there is one for every service that was ever ill. */
class Batches implements Queue {
  #waiting: Waiting[] = []
  #busy = false
  readonly #take: Take

  constructor(take: Take) {
    this.#take = take
  }

  async add(signals: readonly Signal[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ signals, resolve, reject })
      if (!this.#busy) void this.#drain()
    })
  }

  hold(): (() => void) | undefined {
    if (this.#busy) return undefined
    this.#busy = true
    return () => {
      if (this.#waiting.length === 0) this.#busy = false
      else void this.#drain()
    }
  }

  async #drain(): Promise<void> {
    this.#busy = true
    while (this.#waiting.length > 0) await this.#takeTogether(this.#next())
    this.#busy = false
  }

  #next(): readonly Waiting[] {
    let count = 0
    const end = this.#waiting.findIndex(({ signals }) => (count += signals.length) > mostTogether)
    const batch = end === -1 ? this.#waiting : this.#waiting.slice(0, Math.max(1, end))
    this.#waiting = this.#waiting.slice(batch.length)
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
    if (signals.length <= mostTogether) return this.#take(signals)
    for (let start = 0; start < signals.length; start += mostTogether)
      await this.#take(signals.slice(start, start + mostTogether))
  }
}
