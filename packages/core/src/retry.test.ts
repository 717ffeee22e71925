import { expect, test } from 'vitest'
import {
  AbortedError,
  InvalidInput,
  isWorthRetrying,
  NotifyError,
  parseRetryAfter,
  retry,
  seededRandom,
  type RetryOptions,
} from './index.ts'
import { createTestClock } from './testing/index.ts'

/** Fails with each error in turn, then succeeds; says when it was called. */
function attempts(errors: unknown[], options: RetryOptions = {}) {
  const clock = createTestClock(0)
  const calls: number[] = []
  const work = retry(
    async (attempt) => {
      calls.push(clock.now())
      if (attempt <= errors.length) throw errors[attempt - 1] as Error
      return `attempt ${attempt}`
    },
    { clock, random: () => 0, ...options },
  )
  return { clock, calls, result: clock.run(work) }
}
const broken = () => new Error('broken')

test('it waits longer each time, up to the longest', async () => {
  const { calls, result, clock } = attempts([broken(), broken(), broken(), broken(), broken()], {
    policy: { attempts: 6, baseMs: 500, maxMs: 3_000 },
  })
  expect(await result).toBe('attempt 6')
  expect(calls).toEqual([0, 500, 1_500, 3_500, 6_500, 9_500])
  expect(clock.pending).toBe(0)
})

test('the waits are shortened at random, never lengthened', async () => {
  const { calls, result } = attempts([broken(), broken()], { policy: { jitter: 0.5 }, random: seededRandom(3) })
  await result
  expect(calls[1]).toBeGreaterThanOrEqual(250)
  expect(calls[1]).toBeLessThanOrEqual(500)
})

test('it gives up with the last real error, which knows the attempts', async () => {
  const last = new Error('the third')
  const { result, calls } = attempts([broken(), broken(), last, broken()], { policy: { attempts: 3 } })
  const error = await result.catch((reason: unknown) => reason)
  expect(error).toBe(last)
  expect(error).toMatchObject({ attempts: 3 })
  expect(calls).toHaveLength(3)
})

test('what the target asks for outweighs the policy, upwards only', async () => {
  const asked = (retryAfterMs: number) => new NotifyError({ outcome: 'throttled', message: 'slow down', retryAfterMs })
  const { calls, result } = attempts([asked(20_000), asked(1)])
  await result
  expect(calls).toEqual([0, 20_000, 21_000])
  const nonsense = attempts([Object.assign(broken(), { retryAfterMs: Number.NaN })])
  await nonsense.result
  expect(nonsense.calls).toEqual([0, 500])
})

test('a target that asks for more than is bearable ends it', async () => {
  const error = new NotifyError({ outcome: 'throttled', message: 'tomorrow', retryAfterMs: 86_400_000 })
  const { result, calls } = attempts([error])
  await expect(result).rejects.toBe(error)
  expect(calls).toEqual([0])
})

test('no attempt begins after the budget', async () => {
  const { result, calls } = attempts(Array.from({ length: 20 }, broken), { policy: { attempts: 20, budgetMs: 4_000 } })
  await expect(result).rejects.toThrow('broken')
  expect(calls).toEqual([0, 500, 1_500, 3_500])
})

test('an abort outweighs all: it ends the wait, with its reason, and leaves no timer', async () => {
  const clock = createTestClock(0)
  const stopping = new AbortController()
  const work = retry(() => Promise.reject(broken()), { clock, signal: stopping.signal })
  await clock.advance(100)
  stopping.abort(new AbortedError('stopped by SIGTERM'))
  await expect(work).rejects.toMatchObject({ code: 'ABORTED' })
  expect(clock.pending).toBe(0)
  await expect(retry(async () => 1, { signal: AbortSignal.abort(new Error('before')) })).rejects.toThrow('before')
})

test('what repeating cannot help is not repeated', async () => {
  const hopeless = [
    new InvalidInput('ratio', 'is below 0'),
    new AbortedError('enough'),
    new NotifyError({ outcome: 'permanent', message: 'gone' }),
    new NotifyError({ outcome: 'ambiguous', message: 'cut off' }),
    Object.assign(broken(), { isRetryable: false }),
    Object.assign(broken(), { retryable: false }),
  ]
  for (const error of hopeless) {
    expect(isWorthRetrying(error)).toBe(false)
    const { result, calls } = attempts([error])
    await expect(result).rejects.toBe(error)
    expect(calls).toHaveLength(1)
  }
  for (const error of [broken(), 'text', undefined, null, new NotifyError({ outcome: 'transient', message: 'x' })])
    expect(isWorthRetrying(error)).toBe(true)
})

test('a policy that cannot be kept is refused, before anything is tried', async () => {
  for (const policy of [
    { attempts: 0 },
    { attempts: Number.NaN },
    { baseMs: -1 },
    { maxMs: Number.NaN },
    { budgetMs: -1 },
    { jitter: -1 },
  ]) {
    const { result, calls } = attempts([], { policy })
    await expect(result).rejects.toMatchObject({ code: 'INVALID_INPUT', field: Object.keys(policy)[0] })
    expect(calls).toEqual([])
  }
})

test('each wait is told before it begins', async () => {
  const told: unknown[] = []
  const { result } = attempts([broken()], { onRetry: ({ attempt, waitMs }) => told.push([attempt, waitMs]) })
  await result
  expect(told).toEqual([[1, 500]])
})

test('a target asks for a wait in many ways', () => {
  const now = Date.parse('2026-11-23T02:00:00Z')
  const asked = (headers: Record<string, string>, body = '') => parseRetryAfter(new Headers(headers), body, now)
  expect(asked({ 'retry-after': '120' })).toBe(120_000)
  expect(asked({ 'retry-after': '0.25' })).toBe(250)
  expect(asked({ 'retry-after': '0' })).toBe(0)
  expect(asked({ 'retry-after': 'Mon, 23 Nov 2026 02:00:30 GMT' })).toBe(30_000)
  expect(asked({ 'retry-after': 'Mon, 23 Nov 2026 01:00:00 GMT' })).toBe(0)
  expect(asked({ 'retry-after-ms': '1500', 'retry-after': '9' })).toBe(1_500)
  expect(asked({ 'x-ratelimit-reset-after': '1.5' })).toBe(1_500)
  expect(asked({ 'x-ratelimit-reset': String(now / 1_000 + 7) })).toBe(7_000)
  expect(asked({}, '{"retry_after":0.5}')).toBe(500)
  expect(asked({}, '{"ok":false,"parameters":{"retry_after":14}}')).toBe(14_000)
  expect(asked({}, ' {"retry_after_ms":14}')).toBe(14)
  for (const nothing of ['soon', '-5', '', 'Infinity', 'NaN']) expect(asked({ 'retry-after': nothing })).toBeUndefined()
  expect(asked({ 'x-ratelimit-reset': '12' })).toBeUndefined()
  expect(asked({}, '{"retry_after":"later"}')).toBeUndefined()
  expect(asked({}, '<html>')).toBeUndefined()
  expect(asked({}, '{broken')).toBeUndefined()
  expect(asked({})).toBeUndefined()
})
