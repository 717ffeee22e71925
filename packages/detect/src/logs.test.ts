import { createTestClock } from '@firebreak/core/testing'
import { describe, expect, test } from 'vitest'
import { lineBuffer, logProbe, type LineSource, type LogProbeOptions } from './logs.ts'

const signal = new AbortController().signal
const linesOf =
  (...lines: string[]): LineSource =>
  () =>
    lines
const probeOf = (source: LineSource, options: Partial<LogProbeOptions> = {}) =>
  logProbe({ service: 'shop', source, patterns: ['panic'], ...options })

describe('logProbe', () => {
  test('a matching line fires as a warning, under a key of its own, without quoting the line', async () => {
    const [seen] = await probeOf(linesOf('all good', 'PANIC: user mia has card 4111111111111111')).observe({ signal })
    expect(seen).toMatchObject({
      key: 'logs/panic',
      source: 'logs',
      status: 'firing',
      symptoms: [{ kind: 'warning', detail: 'log lines match panic' }],
    })
    expect(seen!.summary).toBe('1 log lines match panic in 60 s (1 are needed)')
  })

  test('ten thousand matching lines are one signal', async () => {
    const seen = await probeOf(linesOf(...Array.from({ length: 10_000 }, () => 'panic'))).observe({ signal })
    expect(seen).toHaveLength(1)
    expect(seen[0]!.summary).toContain('10000 log lines')
  })

  test('more lines than it looks at are said to be there', async () => {
    let read = 0
    function* endless() {
      for (;;) {
        read += 1
        yield 'panic'
      }
    }
    const [seen] = await probeOf(endless, { maxLines: 500 }).observe({ signal })
    expect(seen!.summary).toContain('500 log lines match panic')
    expect(seen!.summary).toContain('more than 500 lines came')
    expect(read).toBe(501)
  })

  test('counts over a window, and resolves when it is over', async () => {
    const clock = createTestClock()
    const buffer = lineBuffer()
    const probe = probeOf(buffer.source, {
      clock,
      windowMs: 60_000,
      patterns: [{ name: 'oom', pattern: 'out of memory', atLeast: 3 }],
    })
    const statusNow = async () => (await probe.observe({ signal }))[0]!.status
    buffer.push('Out of memory')
    buffer.push('Out of memory')
    expect(await statusNow()).toBe('resolved')
    await clock.advance(30_000)
    buffer.push('Out of memory')
    expect(await statusNow()).toBe('firing')
    await clock.advance(31_000)
    expect(await statusNow()).toBe('resolved')
  })

  test('asks for what came since it last could read', async () => {
    const clock = createTestClock()
    const begin = clock.now()
    const asked: number[] = []
    let broken = false
    const probe = probeOf(
      ({ since }) => {
        asked.push(since - begin)
        if (broken) throw new Error('log store is down')
        return []
      },
      { clock },
    )
    await probe.observe({ signal })
    await clock.advance(15_000)
    broken = true
    await expect(probe.observe({ signal })).rejects.toThrow('log store is down')
    await clock.advance(15_000)
    broken = false
    await probe.observe({ signal })
    await probe.observe({ signal })
    expect(asked).toEqual([-60_000, 0, 0, 30_000])
  })

  test('each pattern says what it means', async () => {
    const database = { kind: 'dependency', name: 'postgres', role: 'database' } as const
    const probe = probeOf(linesOf('FATAL: the database system is shutting down', 'GET /orders 503'), {
      patterns: [{ name: 'postgres', pattern: 'database system is shutting down', means: database }, /\b50[0-9]\b/],
    })
    expect(await probe.observe({ signal })).toMatchObject([
      { key: 'logs/postgres', status: 'firing', symptoms: [database] },
      { key: 'logs/\\b50[0-9]\\b', status: 'firing' },
    ])
  })

  test.each([
    ['text', 'a+b.c', 'xx A+B.C yy', 'aab-c'],
    ['regular expression', /^\d{3} (ERR|FATAL)/i, '500 fatal: x', 'x 500 FATAL'],
    ['unicode escape', /\u00e9chec/, 'échec', 'echec'],
  ])('a %s finds what it should and no more', async (_name, pattern, match, other) => {
    const probe = (line: string) => probeOf(linesOf(line), { patterns: [{ name: 'x', pattern }] }).observe({ signal })
    expect((await probe(match))[0]!.status).toBe('firing')
    expect((await probe(other))[0]!.status).toBe('resolved')
  })

  test.each([/(a+)+$/, /(a|aa)+$/, /(.*a){20}/, /([a-zA-Z]+)*!/])(
    '%s cannot be made slow by a line',
    async (pattern) => {
      const evil = `${'a'.repeat(30_000)}b`
      const probe = probeOf(linesOf(...Array.from({ length: 20 }, () => evil)), { patterns: [{ name: 'x', pattern }] })
      // A backtracking engine would not come back in this century: the test's own time limit is the assertion.
      expect(await probe.observe({ signal })).toHaveLength(1)
    },
  )

  test.each([
    [[/(a)\1/], 'patterns[0].pattern'],
    [[/a(?=b)/], 'patterns[0].pattern'],
    [['  '], 'patterns[0].pattern'],
    [[], 'patterns'],
    [['x', 'x'], 'patterns[1].name'],
    [[{ name: '', pattern: 'x' }], 'patterns[0].name'],
    [[{ name: 'x', pattern: 'x', atLeast: 0 }], 'patterns[0].atLeast'],
    [[{ name: 'x', pattern: 'x', means: { kind: 'errorRate', ratio: 12 } }], 'patterns[0].means.ratio'],
  ])('refuses %o, naming %s', (patterns, field) => {
    expect(() => probeOf(linesOf(), { patterns: patterns as never })).toThrow(expect.objectContaining({ field }))
  })

  test("an abort rejects with the caller's reason", async () => {
    const controller = new AbortController()
    async function* slow() {
      yield 'panic'
      controller.abort(new Error('enough'))
      yield 'panic'
    }
    await expect(probeOf(slow).observe({ signal: controller.signal })).rejects.toThrow('enough')
  })
})

test('a full buffer drops the oldest lines and counts them', () => {
  const buffer = lineBuffer({ capacity: 3 })
  for (let index = 0; index < 10; index += 1) buffer.push(`line ${index}`)
  expect(buffer.dropped).toBe(7)
  expect([...(buffer.source({ since: 0, signal }) as Iterable<string>)]).toEqual(['line 7', 'line 8', 'line 9'])
  expect([...(buffer.source({ since: 0, signal }) as Iterable<string>)]).toEqual([])
})
