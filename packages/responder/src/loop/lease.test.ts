import { expect, test } from 'vitest'
import { createTestClock } from '@firebreak/core/testing'
import { createLease } from './lease.ts'

function setUp(renew: (deadline: number) => Promise<boolean>) {
  const clock = createTestClock()
  const parent = new AbortController()
  const lease = createLease({ clock, leaseMs: 10_000, deadlineAt: clock.now() + 10_000, parent: parent.signal, renew })
  lease.keep()
  return { clock, parent, lease }
}

test('a lease that is renewed holds, and leaves no timer when it ends', async () => {
  const { clock, lease } = setUp(async () => true)
  await clock.advance(60_000)
  expect(lease.held()).toBe(true)
  lease.end()
  await clock.advance(0)
  expect(clock.pending).toBe(0)
})

test('a renewal counts when it is recorded, not when it is tried: a log that hangs lets the lease run out', async () => {
  const { clock, lease } = setUp(() => new Promise(() => undefined))
  await clock.advance(9_999)
  expect(lease.held()).toBe(true)
  await clock.advance(1)
  expect(lease.held()).toBe(false)
})

test('a renewal that the log refused once is tried again in time', async () => {
  let refusals = 1
  const { clock, lease } = setUp(() =>
    refusals-- > 0 ? Promise.reject(new Error('disk full')) : Promise.resolve(true),
  )
  await clock.advance(60_000)
  expect(lease.held()).toBe(true)
  lease.end()
  await clock.advance(0)
  expect(clock.pending).toBe(0)
})

test('a claim that passed to another responder is lost at once', async () => {
  const { clock, lease } = setUp(async () => false)
  await clock.advance(5_000)
  expect(lease.held()).toBe(false)
  expect(lease.signal.aborted).toBe(true)
})

test('stopping aborts what is performed', () => {
  const { parent, lease } = setUp(async () => true)
  parent.abort(new Error('stopping'))
  expect(lease.signal.aborted).toBe(true)
  expect(lease.held()).toBe(false)
})
