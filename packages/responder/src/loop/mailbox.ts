/**
 * One at a time, urgent ones first: outcomes and renewals overtake claims, or a lease would run out behind new ones; both
 * overtake signals, so that a storm never starves an action.
 */
export interface Mailbox {
  run<T>(urgency: 'outcome' | 'claim' | 'signal', task: () => Promise<T>): Promise<T>
  /** Takes the turn at once if nobody has it; what comes waits until it is given back. `undefined`: it is taken. */
  hold(): (() => void) | undefined
  /** Nothing waits and nothing runs. */
  readonly idle: boolean
}

type Urgency = 'outcome' | 'claim' | 'signal'
type Task = () => Promise<void>

export function createMailbox(): Mailbox {
  return new OneAtATime()
}

/** A class, for there are tens of thousands, nearly all of them idle: three lists and three functions each would be seen. */
class OneAtATime implements Mailbox {
  #busy = false
  #waiting: Record<Urgency, Task[]> | undefined

  async run<T>(urgency: Urgency, task: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting ??= { outcome: [], claim: [], signal: [] }
      this.#waiting[urgency].push(() => task().then(resolve, reject))
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

  get idle(): boolean {
    return !this.#busy && this.#waiting === undefined
  }

  async #drain(): Promise<void> {
    this.#busy = true
    for (;;) {
      const { outcome, claim, signal } = this.#waiting ?? {}
      const next = outcome?.shift() ?? claim?.shift() ?? signal?.shift()
      if (next === undefined) break
      await next()
    }
    this.#waiting = undefined
    this.#busy = false
  }
}
