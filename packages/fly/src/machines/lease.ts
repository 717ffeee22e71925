import { createId, type Clock } from '@firebreak/core'
import * as z from 'zod'
import { FlyError } from '../errors/fly-error.ts'
import { FlyConflictError, FlyNotFoundError } from '../errors/kinds.ts'
import type { Answered, CallOptions } from '../transport/call.ts'
import { checkedNumber } from '../transport/route.ts'
import { decode, text } from '../transport/schema.ts'
import { aboutOf, leaseHeader, machineRequest, type AppScope } from './scope.ts'

/** A lease on a machine: while it lives, only writes with its nonce are taken. */
export interface FlyLease {
  readonly nonce: string
  /** RFC 3339. */
  readonly expiresAt: string
  readonly owner: string
  readonly description: string
  /** The machine's `instance_id` when the lease was given: a cheap test of staleness. */
  readonly version: string
}

export interface LeaseOptions extends CallOptions {
  /** How long the lease lives without refresh. Default 13 s, as flyctl's. */
  readonly ttlSeconds?: number | undefined
  readonly description?: string | undefined
}

const leaseData = z.looseObject({
  nonce: text,
  expires_at: z.number().nullish(),
  owner: text,
  description: text,
  version: text,
})
/** Wrapped in `data`; the published specification shows it bare, so both are read. */
const leaseAnswer = z
  .union([z.looseObject({ data: leaseData }).transform(({ data }) => data), leaseData])
  .transform((lease): FlyLease => ({
    nonce: lease.nonce ?? '',
    expiresAt: new Date((lease.expires_at ?? 0) * 1_000).toISOString(),
    owner: lease.owner ?? '',
    description: lease.description ?? '',
    version: lease.version ?? '',
  }))

/** What we are given must be usable; somebody else's may be told without its nonce. */
const givenLease = leaseAnswer.refine(({ nonce }) => nonce !== '', 'a lease without a nonce')

/** `GET …/lease`; rejects with `FLY_NOT_FOUND` when nobody holds one. */
export async function readLease(scope: AppScope, id: string, options: CallOptions = {}): Promise<Answered<FlyLease>> {
  const request = machineRequest(scope, 'GET', id, '/lease')
  return decode(leaseAnswer, await scope.http.send(request, options), aboutOf(request))
}

/**
 * `POST …/lease`. Rejects with `FLY_LEASE_HELD` while somebody else holds it. When an attempt's answer was lost, the
 * lease that it may have left is recognised by its description and taken over instead of waited for.
 */
export async function acquireLease(
  scope: AppScope,
  id: string,
  options: LeaseOptions = {},
): Promise<Answered<FlyLease>> {
  const { clock, random } = scope.http.settings
  const description = `${options.description ?? 'firebreak'} ${createId(clock, random)}`
  const request = leaseRequest(scope, id, options.ttlSeconds, undefined, description)
  try {
    return decode(givenLease, await scope.http.send({ ...request, repeat: 'always' }, options), aboutOf(request))
  } catch (error) {
    if (!(error instanceof FlyConflictError)) throw error
    const held = await readLease(scope, id, options).catch(() => undefined)
    const repeated = (error.attempts ?? 1) > 1
    if (repeated && held?.data.description === description && held.data.nonce !== '') return held
    throw named(error, held?.data)
  }
}

/** The same request with the nonce: extends, and keeps the nonce. */
export async function refreshLease(
  scope: AppScope,
  id: string,
  lease: Pick<FlyLease, 'nonce'> & { readonly description?: string },
  options: LeaseOptions = {},
): Promise<Answered<FlyLease>> {
  const request = leaseRequest(scope, id, options.ttlSeconds, lease.nonce, lease.description)
  const refreshed = decode(givenLease, await scope.http.send(request, options), aboutOf(request))
  if (refreshed.data.nonce === lease.nonce) return refreshed
  await releaseLease(scope, id, refreshed.data.nonce).catch(() => undefined) // a new one, which nobody asked for
  const { method, path } = aboutOf(request)
  throw new FlyConflictError('FLY_LEASE_HELD', `${method} ${path}: the lease ran out before it was refreshed`, {
    method,
    path,
    requestId: refreshed.requestId,
  })
}

/** `DELETE …/lease`; a lease that is gone already is no error. */
export async function releaseLease(
  scope: AppScope,
  id: string,
  nonce: string,
  options: CallOptions = {},
): Promise<void> {
  const request = machineRequest(scope, 'DELETE', id, '/lease', { repeat: 'always', headers: leaseHeader(nonce) })
  try {
    await scope.http.send(request, options)
  } catch (error) {
    if (!(error instanceof FlyNotFoundError)) throw error
  }
}

/** A lease that refreshes itself until it is released or lost. */
export interface HeldLease extends AsyncDisposable {
  readonly nonce: string
  /** Aborts when the lease was lost: stop writing. */
  readonly lost: AbortSignal
  /** As of the last refresh. */
  current(): FlyLease
  /** Idempotent. */
  release(): Promise<void>
}

/** Refreshes at a third of the time that is left, as flyctl does; gives up when the lease is somebody else's or over. */
export async function holdLease(scope: AppScope, id: string, options: LeaseOptions = {}): Promise<HeldLease> {
  const { clock } = scope.http.settings
  const ttlSeconds = options.ttlSeconds ?? 13
  let lease = (await acquireLease(scope, id, options)).data
  const lost = new AbortController()
  const stop = new AbortController()
  const refreshing = keepAlive()

  async function keepAlive(): Promise<void> {
    const everyMs = Math.max(300, ((ttlSeconds - 1) * 1_000) / 3)
    while (await rested(clock, everyMs, stop.signal)) {
      try {
        lease = (await refreshLease(scope, id, lease, { ttlSeconds, signal: stop.signal, timeoutMs: everyMs * 2 })).data
      } catch (error) {
        if (stop.signal.aborted) return
        const gone = FlyError.isInstance(error) && (error.code === 'FLY_NOT_FOUND' || error.code === 'FLY_LEASE_HELD')
        if (gone || clock.now() >= Date.parse(lease.expiresAt)) {
          lost.abort(error)
          return
        }
      }
    }
  }
  let released: Promise<void> | undefined
  const release = () =>
    (released ??= (async () => {
      stop.abort()
      await refreshing
      if (!lost.signal.aborted) await releaseLease(scope, id, lease.nonce)
    })())
  return { nonce: lease.nonce, lost: lost.signal, current: () => lease, release, [Symbol.asyncDispose]: release }
}

async function rested(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(milliseconds, signal).then(
    () => true,
    () => false,
  )
}

function leaseRequest(scope: AppScope, id: string, ttlSeconds = 13, nonce?: string, description?: string) {
  const ttl = checkedNumber(ttlSeconds, 'ttlSeconds', 1, 86_400, true)
  return machineRequest(scope, 'POST', id, '/lease', {
    body: { ttl, ...(description === undefined ? {} : { description }) },
    headers: leaseHeader(nonce),
    repeat: nonce === undefined ? 'unsent' : 'always',
  })
}

/** The refusal with its holder, where Fly's text left him out and the lease itself names him. */
function named(error: FlyConflictError, lease: FlyLease | undefined): FlyConflictError {
  if (error.holder !== undefined || lease === undefined || lease.owner === '') return error
  const { method, path, status, requestId } = error
  const message = `${method} ${path}: ${lease.owner} holds the lease until ${lease.expiresAt}; wait for it, it is never stolen`
  const details = { method, path, status, requestId, holder: lease.owner, until: lease.expiresAt, cause: error }
  return new FlyConflictError('FLY_LEASE_HELD', message, details)
}
