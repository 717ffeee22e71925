import type { Signal } from '@firebreak/core'
import { isRefusal } from '../loop/subject.ts'

/** One service's signals, one batch at a time: what arrives during an append shares the next one. */
export interface Queue {
  /** Resolves when these signals are recorded. */
  add(signals: readonly Signal[]): Promise<void>
}

interface Waiting {
  readonly signals: readonly Signal[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Signals of several senders in one append, at most: one event holds them, and has a limit. */
const mostTogether = 100

/** `gather` is waited for before the first append: what others add meanwhile shares it. */
export function createQueue(take: (signals: readonly Signal[]) => Promise<void>, gather?: () => Promise<void>): Queue {
  let waiting: Waiting[] = []
  let busy = false

  async function drain() {
    busy = true
    if (gather !== undefined) await gather()
    while (waiting.length > 0) await takeTogether(next())
    busy = false
  }

  function next(): readonly Waiting[] {
    let count = 0
    const end = waiting.findIndex(({ signals }) => (count += signals.length) > mostTogether)
    const batch = end === -1 ? waiting : waiting.slice(0, Math.max(1, end))
    waiting = waiting.slice(batch.length)
    return batch
  }

  async function takeTogether(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch
    const together = batch.length === 1 && first !== undefined ? first.signals : batch.flatMap((it) => it.signals)
    try {
      await takeAll(together)
      for (const { resolve } of batch) resolve()
    } catch (error) {
      // What one sender sent and cannot be recorded is not its neighbours' fault.
      if (batch.length > 1 && isRefusal(error)) for (const it of batch) await takeTogether([it])
      else for (const { reject } of batch) reject(error)
    }
  }

  async function takeAll(signals: readonly Signal[]): Promise<void> {
    if (signals.length <= mostTogether) return take(signals)
    for (let start = 0; start < signals.length; start += mostTogether)
      await take(signals.slice(start, start + mostTogether))
  }

  return {
    add: (signals) =>
      new Promise((resolve, reject) => {
        waiting.push({ signals, resolve, reject })
        if (!busy) void drain()
      }),
  }
}
