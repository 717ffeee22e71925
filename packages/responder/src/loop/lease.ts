import type { Clock } from '@firebreak/core'

/** One for all: making an `AbortError` with its stack costs more than the whole lease. */
const over = new Error('the work is done')

/** A claim's hold in time. It extends when a renewal has been *recorded*, not when it is tried: a zombie's does not. */
export interface Lease {
  held(): boolean
  lose(): void
  readonly signal: AbortSignal
  /** Renews at half-lease until the work settles or the claim is lost. */
  keep(): void
  end(): void
}

export interface LeaseOptions {
  readonly clock: Clock
  readonly leaseMs: number
  readonly deadlineAt: number
  readonly parent: AbortSignal
  /** Records the renewal; false when the claim is no longer ours. */
  readonly renew: (deadline: number) => Promise<boolean>
}

export function createLease({ clock, leaseMs, deadlineAt, parent, renew }: LeaseOptions): Lease {
  const lost = new AbortController()
  const ended = new AbortController()
  let until = deadlineAt
  /** What is lost is not renewed any more, though the work goes on: a stopped responder would keep others waiting. */
  function lose(reason: unknown) {
    ended.abort(over)
    lost.abort(reason)
  }
  const follow = () => lose(parent.reason)
  if (parent.aborted) follow()
  else parent.addEventListener('abort', follow, { once: true })

  async function keepRenewing() {
    let waitMs = leaseMs / 2
    while (!lost.signal.aborted) {
      await clock.sleep(waitMs, ended.signal)
      const next = clock.now() + leaseMs
      try {
        if (await renew(next)) until = next
        else lose(passedOn())
        waitMs = leaseMs / 2
      } catch {
        // A log that takes nothing for a moment ends no lease: only one that lasts leaves it to run out.
        waitMs = leaseMs / 8
      }
    }
  }

  return {
    held: () => !lost.signal.aborted && clock.now() < until,
    lose: () => lose(passedOn()),
    signal: lost.signal,
    keep() {
      // It ends with the sleep that `end` breaks off.
      keepRenewing().catch(() => undefined)
    },
    end() {
      parent.removeEventListener('abort', follow)
      ended.abort(over)
    },
  }
}

function passedOn(): Error {
  return new Error('the claim passed to another responder')
}
