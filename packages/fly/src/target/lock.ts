import { createId, type EffectContext, type Lock } from '@firebreak/core'
import { FlyError } from '../errors/fly-error.ts'
import { FlyConflictError, FlyNotFoundError } from '../errors/kinds.ts'
import type { FlyApp } from '../fly-app.ts'
import { untouchable } from '../machines/facts.ts'
import type { FlyLease } from '../machines/lease.ts'
import { FlyLockHeldError, isGoneOrForeign, lockHeld } from './target-error.ts'

/** How the description of a lease names the lock that it belongs to. */
export function leaseDescription(nonce: string): string {
  return `firebreak ${nonce}`
}

/** A lease on every machine that may be changed; one refusal gives all of them back. */
export async function lockMachines(app: FlyApp, ttlSeconds: number, { signal }: EffectContext): Promise<Lock> {
  const nonce = createId(app.clock, app.random)
  const machines = await app.machines.list({ signal })
  const ids = machines.filter((machine) => untouchable(machine) === undefined).map(({ id }) => id)
  const leases = await Promise.allSettled(
    ids.map((id) => app.machines.leases.acquire(id, { ttlSeconds, description: leaseDescription(nonce), signal })),
  )
  const nonces: Record<string, string> = {}
  let holder = ''
  let expiresAt = new Date(app.clock.now() + ttlSeconds * 1_000).toISOString()
  let refusal: unknown
  for (const [index, lease] of leases.entries()) {
    const id = ids[index] ?? ''
    if (lease.status === 'rejected')
      refusal ??= lease.reason instanceof FlyConflictError ? lockHeld(id, lease.reason) : lease.reason
    else {
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
  await Promise.all(
    Object.entries(lock.nonces ?? {}).map(async ([id, nonce]) => {
      try {
        const lease = await app.machines.leases.refresh(id, { nonce, description }, { ttlSeconds, signal })
        expiresAt = earlier(expiresAt, lease)
        nonces[id] = nonce
      } catch (error) {
        if (error instanceof FlyNotFoundError && (await isGone(app, id, signal))) return
        if (isGoneOrForeign(error)) throw lost(id, error)
        throw error
      }
    }),
  )
  return { ...lock, expiresAt, nonces }
}

/** Gives every lease back; one that ran out or passed on is none of ours. */
export async function unlockMachines(app: FlyApp, lock: Lock, context: Partial<EffectContext>): Promise<void> {
  const released = await Promise.allSettled(
    Object.entries(lock.nonces ?? {}).map(([id, nonce]) =>
      app.machines.leases.release(id, nonce, { signal: context.signal }),
    ),
  )
  for (const outcome of released)
    if (outcome.status === 'rejected' && !isGoneOrForeign(outcome.reason)) throw outcome.reason
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
