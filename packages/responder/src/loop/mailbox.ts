/**
 * One at a time, urgent ones first: outcomes and renewals overtake claims, or a lease would run out behind new ones; both
 * overtake signals, so that a storm never starves an action.
 */
export interface Mailbox {
  run<T>(urgency: 'outcome' | 'claim' | 'signal', task: () => Promise<T>): Promise<T>
  /** Nothing waits and nothing runs. */
  readonly idle: boolean
}

export function createMailbox(): Mailbox {
  const queues: Record<'outcome' | 'claim' | 'signal', (() => Promise<void>)[]> = { outcome: [], claim: [], signal: [] }
  let busy = false

  async function drain() {
    busy = true
    for (;;) {
      const next = queues.outcome.shift() ?? queues.claim.shift() ?? queues.signal.shift()
      if (next === undefined) break
      await next()
    }
    busy = false
  }

  return {
    run: (urgency, task) =>
      new Promise((resolve, reject) => {
        queues[urgency].push(() => task().then(resolve, reject))
        if (!busy) void drain()
      }),
    get idle() {
      return !busy && Object.values(queues).every((queue) => queue.length === 0)
    },
  }
}
