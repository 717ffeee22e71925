import { describe, expect, test, vi } from 'vitest'
import { systemClock, withDeadline } from './index.ts'
import { createTestClock } from './testing/index.ts'

const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

describe('the system clock', () => {
  test('an aborted sleep rejects with the reason and leaves no timer', async () => {
    const before = timers()
    const stopping = new AbortController()
    const sleep = systemClock.sleep(60_000, stopping.signal)
    expect(timers()).toBe(before + 1)
    stopping.abort(new Error('enough'))
    await expect(sleep).rejects.toThrow('enough')
    expect(timers()).toBe(before)
    await expect(systemClock.sleep(1, AbortSignal.abort(new Error('before')))).rejects.toThrow('before')
  })

  test('a finished sleep leaves no listener on its signal', async () => {
    const { signal } = new AbortController()
    const remove = vi.spyOn(signal, 'removeEventListener')
    await systemClock.sleep(0, signal)
    expect(remove).toHaveBeenCalledOnce()
  })

  test('a sleep longer than one timer can be is cut into pieces, and ends when it should', async () => {
    vi.useFakeTimers()
    try {
      let done = false
      const begin = Date.now()
      void systemClock.sleep(5_000_000_000).then(() => (done = true))
      await vi.advanceTimersByTimeAsync(4_999_999_999)
      expect(done).toBe(false)
      await vi.advanceTimersByTimeAsync(1)
      expect(done).toBe(true)
      expect(systemClock.now() - begin).toBe(5_000_000_000)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a deadline', () => {
  test('aborts with a timeout of its own class when the time is over, and leaves nothing', async () => {
    const clock = createTestClock()
    const parent = new AbortController()
    const remove = vi.spyOn(parent.signal, 'removeEventListener')
    const deadline = withDeadline(clock, 1_000, parent.signal)
    await clock.advance(999)
    expect(deadline.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(deadline.signal.reason).toMatchObject({ code: 'TIMEOUT', timeoutMs: 1_000 })
    expect(remove).toHaveBeenCalled()
    expect(clock.pending).toBe(0)
  })

  test('cleared in time, it neither aborts nor leaves a timer', async () => {
    const clock = createTestClock()
    const deadline = withDeadline(clock, 1_000)
    deadline.clear()
    expect(clock.pending).toBe(0)
    await clock.advance(2_000)
    expect(deadline.signal.aborted).toBe(false)
    {
      using _scoped = withDeadline(clock, 1_000)
      expect(clock.pending).toBe(1)
    }
    expect(clock.pending).toBe(0)
  })

  test('follows its parent with the parent’s reason, and needs no timer any more', async () => {
    const clock = createTestClock()
    const parent = new AbortController()
    const deadline = withDeadline(clock, 1_000, parent.signal)
    parent.abort(new Error('stopped'))
    expect(deadline.signal.reason).toMatchObject({ message: 'stopped' })
    expect(clock.pending).toBe(0)
    const late = withDeadline(clock, 1_000, parent.signal)
    expect(late.signal.aborted).toBe(true)
    expect(clock.pending).toBe(0)
  })

  test('a time that is no number is refused, not taken for now', () => {
    expect(() => withDeadline(createTestClock(), Number.NaN)).toThrow('milliseconds: is not a number')
  })
})

describe('the test clock', () => {
  test('timers fire in order of time, then of when they were set', async () => {
    const clock = createTestClock(0)
    const order: string[] = []
    for (const [name, ms] of [
      ['b', 20],
      ['a', 10],
      ['c', 20],
      ['now', 0],
    ] as const)
      void clock.sleep(ms).then(() => order.push(`${name} at ${clock.now()}`))
    await clock.advance(100)
    expect(order).toEqual(['now at 0', 'a at 10', 'b at 20', 'c at 20'])
    expect(clock.now()).toBe(100)
  })

  test('work that waits on time nobody advances fails fast; work that takes too long as well', async () => {
    const clock = createTestClock(0)
    await expect(clock.run(new Promise(() => undefined))).rejects.toThrow('waits on time that nobody advances')
    await expect(clock.run(clock.sleep(10_000), { limitMs: 5_000 })).rejects.toThrow('within 5000 ms')
  })

  test('a jump fires nothing by itself', async () => {
    const clock = createTestClock(0)
    let fired = false
    void clock.sleep(10).then(() => (fired = true))
    clock.jump(3_600_000)
    await Promise.resolve()
    expect([fired, clock.now(), clock.next()]).toEqual([false, 3_600_000, 10])
    await clock.advance(0)
    expect(fired).toBe(true)
  })

  test('an aborted sleep is taken out', async () => {
    const clock = createTestClock(0)
    const stopping = new AbortController()
    const sleep = clock.sleep(10, stopping.signal)
    stopping.abort(new Error('enough'))
    await expect(sleep).rejects.toThrow('enough')
    expect([clock.pending, clock.next()]).toEqual([0, undefined])
  })

  test('told to wait for promises only, it lets a long chain of them end between two timers, and nothing from outside', async () => {
    const clock = createTestClock(0, { waitsFor: 'promises' })
    const seen: string[] = []
    void clock.sleep(10).then(async () => {
      for (let step = 0; step < 1_000; step += 1) await Promise.resolve()
      seen.push(`settled at ${clock.now()}`)
    })
    void clock.sleep(11).then(() => seen.push(`next at ${clock.now()}`))
    setImmediate(() => seen.push('from outside'))
    await clock.advance(20)
    expect(seen).toEqual(['settled at 10', 'next at 11'])
    await expect(clock.run(new Promise(setImmediate))).rejects.toThrow('waits on time that nobody advances')
  })
})
