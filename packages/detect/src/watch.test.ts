import { createBus, InvalidInput, seededRandom, type Probe, type Signal } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { classify } from '@firebreak/severity'
import { describe, expect, test } from 'vitest'
import { httpProbe } from './http-probe.ts'
import { reportSignal } from './report-signal.ts'
import { watch } from './watch.ts'

const seen = (name: string): Signal => ({
  ...reportSignal({ service: 'shop', summary: 'seen', severity: 'P2', key: name }),
  key: name,
})
const probeOf = (observe: Probe['observe'], name = 'front'): Probe => ({ name, service: 'shop', observe })
/** What fetch does with a server that never answers. */
function hangingUntilAborted(forever: () => Promise<never>): typeof fetch {
  return (_address, init) =>
    Promise.race([
      forever(),
      new Promise<never>((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error), { once: true })
      }),
    ])
}
const steady = { everyMs: 1_000, jitter: 0, random: () => 0 }

describe('watch', () => {
  test('tells each signal to the bus and to onSignal, on the clock', async () => {
    const clock = createTestClock()
    const bus = createBus()
    const told: string[] = []
    bus.on('signal.observed', ({ key }) => told.push(`bus ${key}`))
    const watching = watch([probeOf(async () => [seen('front')])], {
      ...steady,
      clock,
      bus,
      onSignal: ({ key }) => told.push(`own ${key}`),
    })
    await clock.advance(2_500)
    await watching.stop()
    const once = ['bus front', 'own front']
    expect(told).toEqual(['bus probe/front', 'own probe/front', ...once, ...once, ...once])
    expect(clock.pending).toBe(0)
  })

  test('jitter stays within its share, and replicas do not look in step', async () => {
    const clock = createTestClock()
    const at: number[][] = [[], []]
    const watching = [1, 2].map((seed, index) =>
      watch([probeOf(async () => (at[index]!.push(clock.now()), []))], {
        everyMs: 1_000,
        jitter: 0.2,
        random: seededRandom(seed),
        clock,
      }),
    )
    await clock.advance(60_000)
    await Promise.all(watching.map((it) => it.stop()))
    const gaps = at.flatMap((times) => times.slice(1).map((time, index) => time - times[index]!))
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(900)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_100)
    expect(at[0]).not.toEqual(at[1])
  })

  test('never runs two observations of one probe at a time, even when it ignores its signal', async () => {
    const clock = createTestClock()
    const bus = createBus()
    let running = 0
    let most = 0
    let calls = 0
    const codes: unknown[] = []
    bus.on('probe.failed', ({ error }) => codes.push((error as { code?: string }).code))
    const deaf = probeOf(async () => {
      calls += 1
      most = Math.max(most, (running += 1))
      await clock.sleep(3_500)
      running -= 1
      return [seen('late')]
    })
    const signals: Signal[] = []
    const watching = watch([deaf], {
      ...steady,
      timeoutMs: 500,
      maxBackoffMs: 1_000,
      clock,
      bus,
      onSignal: (it) => signals.push(it),
    })
    await clock.advance(3_400)
    expect({ most, calls, codes }).toEqual({
      most: 1,
      calls: 1,
      codes: ['TIMEOUT', 'PROBE_BUSY', 'PROBE_BUSY', 'PROBE_BUSY'],
    })
    await clock.advance(2_000)
    expect(calls).toBe(2)
    expect(most).toBe(1)
    await watching.stop()
    // What came too late is not told as if it were now.
    expect(signals.filter(({ key }) => key === 'late')).toEqual([])
    await clock.advance(5_000)
    expect(clock.pending).toBe(0)
  })

  test('a probe that overruns its interval is asked again at once, not twice', async () => {
    const clock = createTestClock()
    const starts: number[] = []
    const begin = clock.now()
    const slow = probeOf(async () => {
      starts.push(clock.now() - begin)
      await clock.sleep(1_500)
      return []
    })
    const watching = watch([slow], { ...steady, timeoutMs: 5_000, clock })
    await clock.advance(4_600)
    await watching.stop()
    expect(starts).toEqual([0, 1_500, 3_000, 4_500])
  })

  test('a failing probe is told, is asked less often, and after three times is a warning of its own, not an outage', async () => {
    const clock = createTestClock()
    const bus = createBus()
    const begin = clock.now()
    const failures: number[] = []
    const signals: Signal[] = []
    let broken = true
    bus.on('probe.failed', () => failures.push(clock.now() - begin))
    const probe = probeOf(async () => {
      if (broken) throw new Error('no route, token=abcdef123456')
      return [seen('front')]
    })
    const watching = watch([probe], { ...steady, maxBackoffMs: 4_000, clock, bus, onSignal: (it) => signals.push(it) })
    await clock.advance(8_000)
    expect(failures).toEqual([0, 1_000, 3_000, 7_000])
    expect(
      signals.map(({ key, status, symptoms, measured, service }) => ({
        key,
        status,
        kind: symptoms[0]?.kind,
        measured,
        service,
      })),
    ).toEqual([
      { key: 'probe/front', status: 'firing', kind: 'warning', measured: false, service: 'shop' },
      { key: 'probe/front', status: 'firing', kind: 'warning', measured: false, service: 'shop' },
    ])
    expect(signals[0]!.summary).not.toContain('abcdef123456')
    broken = false
    await clock.advance(3_500)
    expect(signals.slice(2).map(({ key, status }) => `${key} ${status}`)).toEqual([
      'probe/front resolved',
      'front firing',
    ])
    const after = signals.length
    await clock.advance(1_000)
    expect(signals.length).toBe(after + 1)
    await watching.stop()
  })

  test('a probe that cannot ask its platform is blind: a missing dependency, and worse after half an hour', async () => {
    const clock = createTestClock()
    const signals: Signal[] = []
    let down = true
    const probe: Probe = {
      ...probeOf(async () => (down ? Promise.reject(new Error('503')) : [])),
      platform: 'Fly.io',
    }
    const watching = watch([probe], { ...steady, everyMs: 15_000, clock, onSignal: (it) => signals.push(it) })
    await clock.advance(29 * 60_000)
    const levels = () => classify(signals.at(-1)?.symptoms ?? []).severity
    expect(signals.at(-1)).toMatchObject({
      status: 'firing',
      summary: expect.stringContaining('we are blind') as string,
    })
    expect(levels()).toBe('P2')
    await clock.advance(2 * 60_000)
    expect(levels()).toBe('P1')
    down = false
    await clock.advance(60_000)
    expect(signals.at(-1)).toMatchObject({ status: 'resolved', symptoms: [] })
    down = true
    await clock.advance(5 * 60_000)
    expect(levels(), 'counted anew').toBe('P2')
    await watching.stop()
  })

  test('the first look that works ends what an earlier process may have told of a broken probe', async () => {
    const clock = createTestClock()
    const signals: Signal[] = []
    const watching = watch([probeOf(async () => [])], { ...steady, clock, onSignal: (it) => signals.push(it) })
    await clock.advance(5_000)
    await watching.stop()
    expect(signals).toMatchObject([{ key: 'probe/front', status: 'resolved', symptoms: [], service: 'shop' }])
  })

  test('a probe that is no longer looked through goes stale as broken, but not between two failures', async () => {
    const clock = createTestClock()
    const signals: Signal[] = []
    const probe = probeOf(() => Promise.reject(new Error('gone')))
    const watching = watch([probe], { ...steady, jitter: 1, clock, onSignal: (it) => signals.push(it) })
    await clock.advance(60_000)
    await watching.stop()
    const ends = signals.map(({ at, staleAfterMs = 0 }) => Date.parse(at) + staleAfterMs)
    expect(signals.length).toBeGreaterThan(5)
    expect(signals.slice(1).every(({ at }, index) => Date.parse(at) < ends[index]!)).toBe(true)
  })

  test('a probe that gives no list is a failed probe, and is asked again', async () => {
    const clock = createTestClock()
    const bus = createBus()
    const failed: unknown[] = []
    bus.on('probe.failed', ({ error }) => failed.push((error as { code?: unknown }).code))
    const watching = watch([probeOf(async () => undefined as never)], { ...steady, clock, bus })
    await clock.advance(1_500)
    await watching.stop()
    expect(failed).toEqual(['PROBE_BROKEN', 'PROBE_BROKEN'])
  })

  test('a service that hangs is down, however short the rhythm is', async () => {
    const clock = createTestClock()
    const hanging = () => new Promise<never>(() => undefined)
    const signals: Signal[] = []
    const probe = httpProbe({ service: 'shop', url: 'http://shop.example', clock, fetch: hangingUntilAborted(hanging) })
    const watching = watch([probe], { everyMs: 500, clock, onSignal: (it) => signals.push(it) })
    await clock.advance(12_000)
    await watching.stop()
    expect(signals.filter(({ status }) => status === 'firing').map(({ symptoms }) => symptoms[0]?.kind)).toContain(
      'outage',
    )
  })

  test('one broken probe does not slow or silence the others', async () => {
    const clock = createTestClock()
    const keys: string[] = []
    const watching = watch(
      [probeOf(() => Promise.reject(new Error('gone')), 'a'), probeOf(async () => [seen('b')], 'b')],
      { ...steady, clock, onSignal: ({ key }) => keys.push(key) },
    )
    await clock.advance(2_500)
    await watching.stop()
    expect(keys.filter((key) => key === 'b')).toHaveLength(3)
  })

  test('a probe that throws instead of rejecting is a failed probe', async () => {
    const clock = createTestClock()
    const bus = createBus()
    const failed: unknown[] = []
    bus.on('probe.failed', ({ error }) => failed.push(error))
    const watching = watch(
      [
        probeOf(() => {
          throw new Error('at once')
        }),
      ],
      { ...steady, clock, bus },
    )
    await clock.advance(100)
    await watching.stop()
    expect(failed).toHaveLength(1)
  })

  test('a listener that throws or rejects, or a bus that throws, changes nothing', async () => {
    const clock = createTestClock()
    const bus = createBus()
    const failed: string[] = []
    const told: string[] = []
    bus.on('signal.observed', () => {
      throw new Error('listener')
    })
    bus.on('listener.failed', ({ event }) => failed.push(event))
    let round = 0
    const watching = watch([probeOf(async () => [seen('front')])], {
      ...steady,
      clock,
      bus,
      onSignal({ key }) {
        told.push(key)
        round += 1
        if (round === 1) throw new Error('own')
        return Promise.reject(new Error('own'))
      },
    })
    await clock.advance(1_500)
    await watching.stop()
    expect(told).toEqual(['probe/front', 'front', 'front'])
    expect(failed).toEqual(Array.from({ length: 6 }, () => 'signal.observed'))

    const rude = {
      emit() {
        throw new Error('foreign bus')
      },
    }
    const heard: string[] = []
    const second = watch([probeOf(async () => [seen('front')])], {
      ...steady,
      clock,
      bus: rude,
      onSignal: ({ key }) => heard.push(key),
    })
    await clock.advance(1_500)
    await second.stop()
    expect(heard).toEqual(['probe/front', 'front', 'front'])
  })

  test('ends by its signal, by stop and by dispose, in the middle of an observation too, and leaves no timer', async () => {
    const clock = createTestClock()
    const never = probeOf(() => new Promise(() => undefined))
    const controller = new AbortController()
    const bySignal = watch([never], { ...steady, clock, signal: controller.signal })
    await clock.advance(100)
    controller.abort()
    await bySignal.stop()
    expect(clock.pending).toBe(0)

    const byStop = watch([never, probeOf(async () => [], 'b')], { ...steady, clock })
    await clock.advance(1_500)
    await byStop.stop()
    await byStop.stop()
    expect(clock.pending).toBe(0)
    {
      await using _watching = watch([never], { ...steady, clock })
      await clock.advance(100)
    }
    expect(clock.pending).toBe(0)

    const over = watch([never], { ...steady, clock, signal: AbortSignal.abort() })
    await over.stop()
    expect(clock.pending).toBe(0)
  })

  test('nothing is told after stop', async () => {
    const clock = createTestClock()
    let answer: (signals: Signal[]) => void = () => undefined
    const signals: Signal[] = []
    const slow = probeOf(() => new Promise((resolve) => (answer = resolve)))
    const bus = createBus()
    const failures: unknown[] = []
    bus.on('probe.failed', (failure) => failures.push(failure))
    const watching = watch([slow], { ...steady, clock, bus, onSignal: (it) => signals.push(it) })
    await clock.advance(100)
    await watching.stop()
    answer([seen('late')])
    await clock.advance(100)
    expect(signals).toEqual([])
    // Having been stopped is no failure of the probe.
    expect(failures).toEqual([])
  })

  test.each([
    [{ everyMs: 0 }, 'everyMs'],
    [{ everyMs: Number.NaN }, 'everyMs'],
    [{ everyMs: 1_000, jitter: 2 }, 'jitter'],
    [{ everyMs: 1_000, timeoutMs: -1 }, 'timeoutMs'],
    [{ everyMs: 1_000, brokenAfter: 1.5 }, 'brokenAfter'],
  ])('refuses %o', (options, field) => {
    expect(() => watch([], options)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', field }))
  })

  test('refuses two probes of one name', () => {
    const probe = probeOf(async () => [])
    expect(() => watch([probe, probe], { everyMs: 1_000 })).toThrow(InvalidInput)
  })
})
