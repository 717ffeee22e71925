import { createId, type EffectContext, type Lock } from '@firebreak/core'
import { FlyError } from '../errors/fly-error.ts'
import { FlyConflictError, FlyNotFoundError } from '../errors/kinds.ts'
import type { FlyApp } from '../fly-app.ts'
import { untouchable } from '../machines/facts.ts'
import type { FlyLease } from '../machines/lease.ts'
import { settleAtMost } from './at-most.ts'
import { FlyLockHeldError, isGoneOrForeign, lockHeld } from './target-error.ts'

/** How the description of a lease names the lock that it belongs to. */
export function leaseDescription(nonce: string): string {
  return `firebreak ${nonce}`
}

/** As flyctl's scale commands. */
const atOnce = 20

/** A lease on every machine that may be changed; one refusal gives all of them back. */
export async function lockMachines(app: FlyApp, ttlSeconds: number, { signal }: EffectContext): Promise<Lock> {
  const nonce = createId(app.clock, app.random)
  const machines = await app.machines.list({ signal })
  const ids = machines.filter((machine) => untouchable(machine) === undefined).map(({ id }) => id)
  let refused = false
  const leases = await settleAtMost(atOnce, ids, async (id) => {
    if (refused) return undefined
    const asked = { ttlSeconds, description: leaseDescription(nonce), signal }
    return app.machines.leases.acquire(id, asked).catch((error: unknown) => {
      refused = true
      throw error
    })
  })
  const nonces: Record<string, string> = {}
  let holder = ''
  let expiresAt = new Date(app.clock.now() + ttlSeconds * 1_000).toISOString()
  let refusal: unknown
  for (const [index, lease] of leases.entries()) {
    const id = ids[index] ?? ''
    if (lease.status === 'rejected')
      refusal ??= lease.reason instanceof FlyConflictError ? lockHeld(id, lease.reason) : lease.reason
    else if (lease.value !== undefined) {
      nonces[id] = lease.value.nonce
      holder ||= lease.value.owner
      expiresAt = earlier(expiresAt, lease.value)
    }
  }
  const lock = { holder: holder || 'firebreak', nonce, expiresAt, nonces }
  if (refusal === undefined) return lock
  await unlockMachines(app, lock, {})
  throw refusal instanceof Error ? refusal : new Error('could not lock', { cause: refusal })
}

/** Refreshes every lease. A machine that is gone needs none; a lease that ran out is a lock that was lost. */
export async function renewLock(app: FlyApp, lock: Lock, ttlSeconds: number, { signal }: EffectContext): Promise<Lock> {
  let expiresAt = new Date(app.clock.now() + ttlSeconds * 1_000).toISOString()
  const description = leaseDescription(lock.nonce)
  const nonces: Record<string, string> = {}
  const outcomes = await settleAtMost(atOnce, Object.entries(lock.nonces ?? {}), async ([id, nonce]) => {
    try {
      const lease = await app.machines.leases.refresh(id, { nonce, description }, { ttlSeconds, signal })
      expiresAt = earlier(expiresAt, lease)
      nonces[id] = nonce
    } catch (error) {
      if (error instanceof FlyNotFoundError && (await isGone(app, id, signal))) return
      throw isGoneOrForeign(error) ? lost(id, error) : error
    }
  })
  throwFirst(outcomes)
  return { ...lock, expiresAt, nonces }
}

/** Gives every lease back; one that ran out or passed on is none of ours. */
export async function unlockMachines(app: FlyApp, lock: Lock, context: Partial<EffectContext>): Promise<void> {
  const released = await settleAtMost(atOnce, Object.entries(lock.nonces ?? {}), async ([id, nonce]) => {
    await app.machines.leases.release(id, nonce, { signal: context.signal }).catch((error: unknown) => {
      if (!isGoneOrForeign(error)) throw error
    })
  })
  throwFirst(released)
}

function throwFirst(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  for (const outcome of outcomes)
    if (outcome.status === 'rejected')
      throw outcome.reason instanceof Error ? outcome.reason : new Error('unknown reason', { cause: outcome.reason })
}

async function isGone(app: FlyApp, id: string, signal: AbortSignal): Promise<boolean> {
  return app.machines.get(id, { signal }).then(
    ({ state }) => state === 'destroyed' || state === 'destroying',
    (error: unknown) => {
      if (error instanceof FlyNotFoundError) return true
      throw error
    },
  )
}

function lost(id: string, error: unknown): unknown {
  if (error instanceof FlyConflictError && error.holder !== undefined) return lockHeld(id, error)
  const cause = FlyError.isInstance(error) ? ` (${error.message})` : ''
  return new FlyLockHeldError(id, `the lease on machine ${id} ran out before it was renewed${cause}`, { cause: error })
}

function earlier(time: string, { expiresAt }: FlyLease): string {
  return Date.parse(expiresAt) < Date.parse(time) ? expiresAt : time
}
