import { expect, test } from 'vitest'
import { arrayLog } from './fixtures/array-log.ts'
import {
  createBus,
  incidentJournal,
  InvalidInput,
  NotifyError,
  once,
  record,
  reduceIncident,
  relay,
  seededRandom,
  type OnceContext,
  type OnceResult,
} from './index.ts'
import { createTestClock, type TestClock } from './testing/index.ts'

const stream = 'incident/shop/1'
const paged = { type: 'page.sent', actor: 'own', data: { to: 'manager' } }
const world = () => {
  const clock = createTestClock()
  return { clock, log: arrayLog(clock), random: seededRandom(7) }
}
const types = (log: { events: { type: string }[] }) => log.events.map(({ type }) => type)
/** An effect that hangs until it is let go. */
function gate() {
  const contexts: OnceContext[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const effect = async (context: OnceContext) => {
    contexts.push(context)
    await promise
    return [paged]
  }
  return { contexts, open: resolve, effect }
}
const settle = (clock: TestClock) => clock.advance(0)

test('claims first, then performs, then records outcome and end in one append', async () => {
  const { clock, log, random } = world()
  const appends: string[][] = []
  log.before = (writes) => void appends.push(writes.flatMap(({ events }) => events.map(({ type }) => type)))
  const result = await once(log, stream, 'page/manager', async () => [paged], { clock, random })
  expect(result).toMatchObject({ status: 'done', attempt: 1 })
  expect(appends).toEqual([['action.started'], ['page.sent', 'action.finished']])
  expect(clock.pending).toBe(0)
})

test('a finished key is never performed again', async () => {
  const { clock, log, random } = world()
  let calls = 0
  const effect = async () => {
    calls += 1
    return undefined
  }
  await once(log, stream, 'page/manager', effect, { clock, random })
  expect(await once(log, stream, 'page/manager', effect, { clock, random })).toEqual({
    status: 'finished',
    outcome: 'done',
  })
  expect(calls).toBe(1)
})

test('a second caller does nothing while the claim lives', async () => {
  const { clock, log, random } = world()
  const first = gate()
  const running = once(log, stream, 'rollback', first.effect, { clock, random, leaseMs: 30_000 })
  await settle(clock)
  const second = await once(log, stream, 'rollback', first.effect, { clock, random: seededRandom(8) })
  expect(second).toEqual({ status: 'busy', until: clock.now() + 30_000 })
  first.open()
  expect(await running).toMatchObject({ status: 'done' })
  expect(first.contexts).toHaveLength(1)
})

test('of many callers at once exactly one performs', async () => {
  const { clock, log } = world()
  let calls = 0
  const effect = async () => {
    calls += 1
    return [paged]
  }
  const callers = Array.from({ length: 25 }, (_, index) =>
    once(log, stream, 'k', effect, { clock, random: seededRandom(index) }),
  )
  const statuses = (await clock.run(Promise.all(callers))).map(({ status }) => status)
  expect(calls).toBe(1)
  expect(statuses.filter((status) => status === 'done')).toHaveLength(1)
})

test('a long effect keeps its claim by renewing at half-lease', async () => {
  const { clock, log, random } = world()
  const long = gate()
  const running = once(log, stream, 'rollback', long.effect, { clock, random, leaseMs: 10_000 })
  await clock.advance(60_000)
  expect(long.contexts[0]!.held()).toBe(true)
  expect(await once(log, stream, 'rollback', long.effect, { clock, random })).toMatchObject({ status: 'busy' })
  long.open()
  expect(await running).toMatchObject({ status: 'done' })
  expect(types(log).filter((type) => type === 'action.renewed').length).toBeGreaterThanOrEqual(10)
  expect(clock.pending).toBe(0)
  expect(long.contexts[0]!.held()).toBe(false)
})

test('an effect that hangs is told to stop when its time is over, and does not keep others away for ever', async () => {
  const { clock, log, random } = world()
  const hanging = gate()
  const running = once(log, stream, 'k', hanging.effect, { clock, random, leaseMs: 10_000, timeoutMs: 60_000 })
  await clock.advance(59_999)
  expect(hanging.contexts[0]!.held()).toBe(true)
  await clock.advance(1)
  expect(hanging.contexts[0]!.held()).toBe(false)
  expect(hanging.contexts[0]!.signal.reason).toMatchObject({ code: 'TIMEOUT' })
  await clock.advance(10_000)
  expect(await once(log, stream, 'k', async () => [], { clock, random: seededRandom(9) })).toMatchObject({
    status: 'done',
    attempt: 2,
  })
  hanging.open()
  expect(await running).toEqual({ status: 'lost', attempt: 1 })
  expect(clock.pending).toBe(0)
})

test('after a crash the next caller takes over: same key, same input, takeover, and the journal of before', async () => {
  const { clock, log, random } = world()
  const crashed = gate()
  const dead = once(log, stream, 'rollback', crashed.effect, { clock: frozen(clock), random, input: { to: 'v1' } })
  await settle(clock)
  const [before] = crashed.contexts
  await before!.journal.append({ kind: 'intent', key: 'unit/1', at: '2026-11-23T02:00:00.000Z', data: { image: 'i1' } })
  await clock.advance(31_000)

  const seen: OnceContext[] = []
  const entries: unknown[] = []
  const result = await once(
    log,
    stream,
    'rollback',
    async (context) => {
      seen.push(context)
      for await (const entry of context.journal.read()) entries.push(entry.key)
      return [paged]
    },
    { clock, random: seededRandom(9), input: { to: 'another plan' } },
  )
  expect(result).toMatchObject({ status: 'done', attempt: 2 })
  expect(seen[0]).toMatchObject({
    takeover: true,
    attempt: 2,
    input: { to: 'v1' },
    idempotencyKey: before!.idempotencyKey,
  })
  expect(entries).toEqual(['unit/1'])

  crashed.open()
  expect(await dead).toEqual({ status: 'lost', attempt: 1 })
  expect(types(log).filter((type) => type === 'page.sent')).toHaveLength(1)
})

test('a zombie whose claim was taken holds nothing and can write nothing', async () => {
  const { clock, log, random } = world()
  const zombie = gate()
  const running = once(log, stream, 'rollback', zombie.effect, { clock: frozen(clock), random })
  await settle(clock)
  await clock.advance(31_000)
  const heir = gate()
  const second = once(log, stream, 'rollback', heir.effect, { clock, random: seededRandom(9) })
  await settle(clock)
  const [context] = zombie.contexts
  expect(context!.held()).toBe(false)
  const entry = { kind: 'note', key: 'x', at: '2026-11-23T02:00:00.000Z', data: {} } as const
  await expect(context!.journal.append(entry)).rejects.toMatchObject({ code: 'CLAIM_LOST' })
  expect(context!.signal.aborted).toBe(true)
  heir.open()
  zombie.open()
  expect(await second).toMatchObject({ status: 'done', attempt: 2 })
  expect(await running).toEqual({ status: 'lost', attempt: 1 })
})

test('a renewal that lands between the look and the claim of another wins', async () => {
  const { clock, log, random } = world()
  const slow = gate()
  const first = once(log, stream, 'k', slow.effect, { clock: frozen(clock), random, leaseMs: 10_000 })
  await settle(clock)
  await clock.advance(10_000)
  const { owner } = log.events[0]!.data as { owner: string }
  const deadline = new Date(clock.now() + 10_000).toISOString()
  const renewed = { type: 'action.renewed', actor: 'once', data: { key: 'k', attempt: 1, owner, deadline } }
  log.before = async () => {
    log.before = undefined
    await log.append([{ stream, events: [renewed], expected: 1 }])
  }
  const second = await once(log, stream, 'k', slow.effect, { clock, random: seededRandom(9) })
  expect(second).toEqual({ status: 'busy', until: clock.now() + 10_000 })
  slow.open()
  expect(await first).toMatchObject({ status: 'done', attempt: 1 })
})

test('an effect that has ended holds nothing any more, even while its outcome is being recorded', async () => {
  const { clock, log, random } = world()
  let context: OnceContext | undefined
  const { promise, resolve } = Promise.withResolvers<void>()
  const effect = async (given: OnceContext) => {
    context = given
    log.before = () => promise
    return [paged]
  }
  const running = once(log, stream, 'k', effect, { clock, random })
  await settle(clock)
  expect(context!.held()).toBe(false)
  resolve()
  expect(await running).toMatchObject({ status: 'done' })
})

test('a lease that cannot be renewed ends: held() turns false and the signal aborts at the deadline, not later', async () => {
  const { clock, log, random } = world()
  const cut = gate()
  const running = once(log, stream, 'k', cut.effect, { clock, random, leaseMs: 10_000 })
  await settle(clock)
  log.before = () => {
    throw new Error('log is down')
  }
  await clock.advance(9_999)
  expect([cut.contexts[0]!.held(), cut.contexts[0]!.signal.aborted]).toEqual([true, false])
  await clock.advance(1)
  expect([cut.contexts[0]!.held(), cut.contexts[0]!.signal.aborted]).toEqual([false, true])
  log.before = undefined
  cut.open()
  expect(await clock.run(running)).toMatchObject({ status: 'done' })
})

test('a renewal that hangs does not extend the lease', async () => {
  const { clock, log, random } = world()
  const slow = gate()
  const running = once(log, stream, 'k', slow.effect, { clock, random, leaseMs: 10_000 })
  await settle(clock)
  const { promise, resolve } = Promise.withResolvers<void>()
  log.before = () => promise
  await clock.advance(10_000)
  expect(slow.contexts[0]!.held()).toBe(false)
  log.before = undefined
  resolve()
  slow.open()
  await clock.run(running)
  expect(clock.pending).toBe(0)
})

test('what throws is recorded as a retry that waits longer each time, and at last as a failure', async () => {
  const { clock, log, random } = world()
  let calls = 0
  const effect = async () => {
    calls += 1
    throw new Error('sorry, postgres://root:hunter2@db is down')
  }
  const statuses: OnceResult[] = []
  for (let round = 0; round < 5; round += 1) {
    const result = await once(log, stream, 'k', effect, { clock, random, retry: { jitter: 0 } })
    statuses.push(result)
    if (result.status !== 'retry') continue
    expect(await once(log, stream, 'k', effect, { clock, random })).toEqual({
      status: 'waiting',
      until: result.retryAt,
    })
    await clock.advance(result.retryAt - clock.now())
  }
  expect(statuses.map(({ status }) => status)).toEqual(['retry', 'retry', 'retry', 'retry', 'failed'])
  expect(calls).toBe(5)
  expect(await once(log, stream, 'k', effect, { clock, random })).toEqual({ status: 'finished', outcome: 'failed' })
  expect(JSON.stringify(log.events)).not.toContain('hunter2')
})

test('a retry keeps the idempotency key and is told that somebody has been there', async () => {
  const { clock, log, random } = world()
  const seen: OnceContext[] = []
  const effect = async (context: OnceContext) => {
    seen.push(context)
    if (seen.length === 1) throw new NotifyError({ outcome: 'throttled', message: 'slow down', retryAfterMs: 20_000 })
    return []
  }
  expect(await once(log, stream, 'k', effect, { clock, random })).toMatchObject({
    status: 'retry',
    retryAt: clock.now() + 20_000,
  })
  await clock.advance(20_000)
  expect(await once(log, stream, 'k', effect, { clock, random: seededRandom(9) })).toMatchObject({
    status: 'done',
    attempt: 2,
  })
  expect(seen.map(({ takeover }) => takeover)).toEqual([false, true])
  expect(seen[1]!.idempotencyKey).toBe(seen[0]!.idempotencyKey)
  expect(seen[0]!.idempotencyKey).toMatch(/^[\w.~-]+$/)
})

test('what may have happened is uncertain and never repeated; what never can happen fails at once', async () => {
  const { clock, log, random } = world()
  const ambiguous = async () => {
    throw new NotifyError({ outcome: 'ambiguous', message: 'cut off' })
  }
  const permanent = async () => {
    throw new NotifyError({ outcome: 'permanent', message: 'gone' })
  }
  expect(await once(log, stream, 'a', ambiguous, { clock, random })).toMatchObject({ status: 'uncertain' })
  expect(await once(log, stream, 'a', ambiguous, { clock, random })).toEqual({
    status: 'finished',
    outcome: 'uncertain',
  })
  expect(await once(log, stream, 'b', permanent, { clock, random })).toMatchObject({ status: 'failed' })
})

test('stopped by its caller, the claim is given back for the next one to go on at once', async () => {
  const { clock, log, random } = world()
  const stopping = new AbortController()
  const effect = async ({ signal }: OnceContext) => {
    await clock.sleep(60_000, signal)
    return []
  }
  const running = once(log, stream, 'k', effect, { clock, random, signal: stopping.signal })
  await settle(clock)
  stopping.abort(new Error('SIGTERM'))
  expect(await running).toMatchObject({ status: 'retry', retryAt: clock.now() })
  expect(await once(log, stream, 'k', async () => [], { clock, random })).toMatchObject({ status: 'done', attempt: 2 })
  expect(clock.pending).toBe(0)
})

test('an outcome that the log took before its connection broke is not recorded twice, nor is the effect repeated', async () => {
  const { clock, log, random } = world()
  let calls = 0
  const effect = async () => {
    calls += 1
    log.after = () => {
      log.after = undefined
      throw new Error('connection reset after the commit')
    }
    return [paged]
  }
  const result = await clock.run(once(log, stream, 'k', effect, { clock, random }))
  expect(result).toMatchObject({ status: 'done', events: [{ type: 'page.sent' }, { type: 'action.finished' }] })
  expect(calls).toBe(1)
  expect(types(log)).toEqual(['action.started', 'page.sent', 'action.finished'])
})

test('a claim that the log took before its connection broke is ours: nobody waits for it to run out', async () => {
  const { clock, log, random } = world()
  log.after = () => {
    log.after = undefined
    throw new Error('connection reset after the commit')
  }
  expect(await once(log, stream, 'k', async () => [paged], { clock, random })).toMatchObject({
    status: 'done',
    attempt: 1,
  })
  expect(types(log)).toEqual(['action.started', 'page.sent', 'action.finished'])
})

test('an outcome that the log will never take is uncertain, and no reason to repeat the effect', async () => {
  const { clock, log, random } = world()
  let calls = 0
  const effect = async () => {
    calls += 1
    return [paged]
  }
  log.before = ([write]) => {
    if (write!.events.some(({ type }) => type === 'page.sent')) throw new InvalidInput('data.receipt', 'is no JSON')
  }
  const result = await once(log, stream, 'k', effect, { clock, random })
  expect(result).toMatchObject({ status: 'uncertain', error: { code: 'INVALID_INPUT' } })
  await clock.advance(120_000)
  expect(await once(log, stream, 'k', effect, { clock, random })).toEqual({ status: 'finished', outcome: 'uncertain' })
  expect(calls).toBe(1)
})

test('a log that stays down makes the call reject; the claim runs out and somebody else looks', async () => {
  const { clock, log, random } = world()
  const effect = async () => {
    log.before = () => {
      throw new Error('log is down')
    }
    return [paged]
  }
  await expect(clock.run(once(log, stream, 'k', effect, { clock, random }))).rejects.toThrow('log is down')
  log.before = undefined
  await clock.advance(30_000)
  expect(await once(log, stream, 'k', async () => [], { clock, random: seededRandom(9) })).toMatchObject({
    status: 'done',
    attempt: 2,
  })
})

test('an owner that is known to be dead is not waited for', async () => {
  const { clock, log, random } = world()
  const crashed = gate()
  void once(log, stream, 'k', crashed.effect, { clock: frozen(clock), random, owner: 'a' })
  await settle(clock)
  const presence = { isGone: async (owner: string) => owner === 'a' }
  expect(await once(log, stream, 'k', async () => [], { clock, random, owner: 'b', presence })).toMatchObject({
    status: 'done',
    attempt: 2,
  })
  crashed.open()
})

test('times that are none are refused, and nothing is written', async () => {
  const { clock, log, random } = world()
  for (const [field, value] of [
    ['leaseMs', Number.NaN],
    ['leaseMs', 0],
    ['timeoutMs', -1],
  ] as const)
    await expect(once(log, stream, 'k', async () => [], { clock, random, [field]: value })).rejects.toMatchObject({
      field,
    })
  await expect(once(log, stream, '', async () => [], { clock, random })).rejects.toMatchObject({ field: 'key' })
  await expect(record(log, stream, () => [paged], { attempts: Number.NaN })).rejects.toMatchObject({
    field: 'attempts',
  })
  const polling = relay(log, createBus(), { signal: new AbortController().signal, pollMs: Number.NaN })
  await expect(polling).rejects.toMatchObject({ field: 'pollMs' })
  expect(log.events).toEqual([])
})

test('signals that stream in do not disturb a claim', async () => {
  const { clock, log, random } = world()
  const signal = { type: 'signal.observed', actor: 'probe', data: { id: 's', key: 'k' } }
  let conflicts = 0
  log.before = async ([write]) => {
    if (write!.events.some(({ type }) => type === 'signal.observed')) return
    conflicts += 1
    await log.append([{ stream, events: [signal], expected: { since: log.events.length, ignoring: [] } }])
  }
  expect(await once(log, stream, 'k', async () => [paged], { clock, random })).toMatchObject({ status: 'done' })
  expect(conflicts).toBe(2)
})

test('claims at a desk or a service work the same, and fold with the incident', async () => {
  const { clock, log, random } = world()
  expect(await once(log, 'desk/manager/2026-11-23', 'digest', async () => [], { clock, random })).toMatchObject({
    status: 'done',
  })
  expect(await once(log, 'service/shop', 'k', async () => [], { clock, random })).toMatchObject({ status: 'done' })
  await once(log, stream, 'k', async () => [], { clock, random, why: 'because' })
  const action = reduceIncident(log.events.filter((event) => event.stream === stream)).actions.get('k')
  expect(action).toMatchObject({ attempt: 1, why: 'because', finished: { outcome: 'done' } })
})

test('a journal on the log gives its entries in order, each key on its own', async () => {
  const { clock, log, random } = world()
  const first = incidentJournal(log, stream, 'a', { clock, random })
  const second = incidentJournal(log, stream, 'b', { clock, random })
  const entry = (key: string) => ({ kind: 'note', key, at: '2026-11-23T02:00:00.000Z', data: { n: 1 } }) as const
  await first.append(entry('1'))
  await second.append(entry('x'))
  await first.append(entry('2'))
  await first.append(entry('2'))
  const keys: string[] = []
  for await (const { key } of incidentJournal(log, stream, 'a').read()) keys.push(key)
  expect(keys).toEqual(['1', '2', '2'])
  expect(createBus()).toBeDefined()
})

/** A performer whose process hangs: its clock tells the time and never wakes it. */
function frozen(clock: TestClock) {
  return { now: () => clock.now(), sleep: () => new Promise<void>(() => undefined) }
}
