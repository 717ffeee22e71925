/** One at a time, urgent ones first: claims and outcomes overtake signals, so that a storm never starves an action. */
export interface Mailbox {
  run<T>(urgency: 'claim' | 'signal', task: () => Promise<T>): Promise<T>
  /** Nothing waits and nothing runs. */
  readonly idle: boolean
}

export function createMailbox(): Mailbox {
  const queues = { claim: [] as (() => Promise<void>)[], signal: [] as (() => Promise<void>)[] }
  let busy = false

  async function drain() {
    busy = true
    for (;;) {
      const next = queues.claim.shift() ?? queues.signal.shift()
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
      return !busy && queues.claim.length === 0 && queues.signal.length === 0
    },
  }
}
