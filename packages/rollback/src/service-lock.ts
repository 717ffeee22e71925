import { oneLine, systemClock, withDeadline, type Clock, type DeployTarget, type Lock } from '@firebreak/core'
import { RollbackRefused } from './errors.ts'
import { span } from './plain-text.ts'

export interface HeldLock {
  /** What every write carries; `undefined` where the target has no lock. */
  current(): Lock | undefined
  /** Why it is ours no longer, or nothing. */
  lost(): string | undefined
  /** Ends the renewing and gives it back, also when the caller has given up. Never rejects: it would run out by itself. */
  release(): Promise<void>
}

export interface LockOptions {
  readonly target: DeployTarget
  readonly clock?: Clock | undefined
  readonly signal: AbortSignal
  /** How long to wait for somebody else's lock to end; it is never taken away. */
  readonly waitMs: number
  /** From an earlier life of this run: goes on with it while it lives. */
  readonly known?: Lock | undefined
  readonly onWait?: ((wait: { milliseconds: number; why: string }) => void) | undefined
  readonly onLocked?: ((lock: Lock) => Promise<void>) | undefined
}

/** How often a lock of somebody else is looked at: it may be given back early. */
const pollMs = 5_000

/** How long giving the lock back may take. */
const farewellMs = 15_000

const none: HeldLock = { current: () => undefined, lost: () => undefined, release: () => Promise.resolve() }

/** Locks the service for as long as the work goes on, renewing at a third of its life. */
export async function holdLock(options: LockOptions): Promise<HeldLock> {
  const { target, clock = systemClock } = options
  if (target.lock === undefined) return none
  let lock = await acquire(options, clock)
  try {
    await options.onLocked?.(lock)
  } catch (error) {
    await giveBack(target, lock, clock)
    throw error
  }
  let lost: string | undefined
  const stopping = new AbortController()

  async function renewing() {
    while (target.renew !== undefined) {
      await clock.sleep(Math.max(500, (Date.parse(lock.expiresAt) - clock.now()) / 3), stopping.signal)
      try {
        lock = await target.renew(lock, { signal: stopping.signal })
      } catch (error) {
        if (stopping.signal.aborted) return
        if ((error as { code?: unknown }).code === 'LOCK_HELD')
          lost = error instanceof Error ? oneLine(error.message) : 'somebody else holds it'
      }
    }
  }
  renewing().catch(() => undefined)
  const expired = () =>
    target.renew !== undefined && Date.parse(lock.expiresAt) <= clock.now()
      ? 'it expired and could not be renewed'
      : undefined
  return {
    current: () => lock,
    lost: () => {
      const why = lost ?? expired()
      return why === undefined ? undefined : `the lock was lost: ${why}`
    },
    async release() {
      stopping.abort()
      await giveBack(target, lock, clock)
    },
  }
}

async function giveBack(target: DeployTarget, lock: Lock, clock: Clock): Promise<void> {
  const deadline = withDeadline(clock, farewellMs)
  try {
    await target.unlock?.(lock, { signal: deadline.signal })
  } catch {
    // It runs out by itself, and nobody is stopped by it for longer.
  } finally {
    deadline.clear()
  }
}

async function acquire({ target, signal, waitMs, known, onWait }: LockOptions, clock: Clock): Promise<Lock> {
  if (known !== undefined && target.renew !== undefined && Date.parse(known.expiresAt) > clock.now()) {
    const renewed = await target.renew(known, { signal }).catch(() => undefined)
    signal.throwIfAborted()
    if (renewed !== undefined) return renewed
  }
  const until = clock.now() + waitMs
  for (;;) {
    try {
      if (target.lock === undefined) throw new RollbackRefused('LOCKED', 'the target has no lock')
      return await target.lock({ signal })
    } catch (error) {
      signal.throwIfAborted()
      const { code, expiresAt } = error as { code?: unknown; expiresAt?: unknown }
      if (code !== 'LOCK_HELD') throw error
      const left = until - clock.now()
      const why = error instanceof Error ? oneLine(error.message) : 'somebody else holds the lock'
      if (left <= 0)
        throw new RollbackRefused(
          'LOCKED',
          `${why}; waited ${span(waitMs)}. It is never taken away: wait, or ask its holder`,
          { cause: error },
        )
      const ends = typeof expiresAt === 'string' ? Date.parse(expiresAt) - clock.now() : Number.NaN
      const milliseconds = Math.min(left, pollMs, Number.isNaN(ends) ? pollMs : Math.max(100, ends))
      onWait?.({ milliseconds, why })
      await clock.sleep(milliseconds, signal)
    }
  }
}
