import { expect, expectTypeOf, test } from 'vitest'
import { arrayLog } from './fixtures/array-log.ts'
import { record, VersionConflict, type Desk, type Incident, type ServiceRecord } from './index.ts'
import { createTestClock } from './testing/index.ts'

const own = (type: string, data: object) => ({ type, actor: 'own', data })
const note = (text: string) => own('note.added', { service: 'shop', by: 'mia', text })

test('decide sees the folded stream, and what it says is appended', async () => {
  const log = arrayLog(createTestClock())
  await record(log, 'incident/shop/1', (incident) => (incident.version === 0 ? [note('first')] : []))
  const again = await record(log, 'incident/shop/1', (incident) => (incident.version === 0 ? [note('never')] : []))
  expect(again).toEqual([])
  expect(log.events.map((event) => event.data)).toEqual([{ service: 'shop', by: 'mia', text: 'first' }])
})

test('the name of the stream decides what it folds to', async () => {
  const log = arrayLog(createTestClock())
  const service = 'shop' as string
  await record(log, `service/${service}`, (state) => {
    expectTypeOf(state).toEqualTypeOf<Readonly<ServiceRecord>>()
    expect(state.service).toBe('shop')
    return []
  })
  await record(log, `desk/manager/2026-11-23`, (state) => {
    expectTypeOf(state).toEqualTypeOf<Readonly<Desk>>()
    expect(state.role).toBe('manager')
    return []
  })
  await record(log, `incident/${service}/7`, (state) => {
    expectTypeOf(state).toEqualTypeOf<Readonly<Incident>>()
    expect(state.number).toBe(7)
    return []
  })
})

test('after a lost race it reads the tail and decides again, and never resends', async () => {
  const log = arrayLog(createTestClock())
  let raced = false
  log.before = async () => {
    if (raced) return
    raced = true
    await log.append([{ stream: 'incident/shop/1', events: [note('other')], expected: 0 }])
  }
  const seen: number[] = []
  const recorded = await record(log, 'incident/shop/1', (incident) => {
    seen.push(incident.notes.length)
    return [note(`after ${incident.notes.length}`)]
  })
  expect(seen).toEqual([0, 1])
  expect(recorded.map(({ version }) => version)).toEqual([2])
  expect(log.events).toHaveLength(2)
})

test('types it may ignore are no conflict; others are', async () => {
  const log = arrayLog(createTestClock())
  let calls = 0
  log.before = async ([write]) => {
    if (write?.events[0]?.type !== 'note.added' || calls > 1) return
    await log.append([
      {
        stream: write.stream,
        events: [own('own.noise', {})],
        expected: { since: 0, ignoring: ['own.noise', 'note.added'] },
      },
    ])
  }
  await record(log, 'incident/shop/1', () => [note(`call ${(calls += 1)}`)], { ignoring: ['own.noise'] })
  expect(calls).toBe(1)
})

test('many writers at once lose nothing and repeat nothing', async () => {
  const clock = createTestClock()
  const log = arrayLog(clock)
  const writers = Array.from({ length: 20 }, (_, index) =>
    record(log, 'incident/shop/1', (state) => (state.notes.length > 20 ? [] : [note(`writer ${index}`)]), { clock }),
  )
  await clock.run(Promise.all(writers))
  expect(new Set(log.events.map((event) => (event.data as { text: string }).text)).size).toBe(20)
  expect(log.events.map(({ version }) => version)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
})

test('it gives up with the conflict when it always loses, and at once on any other error', async () => {
  const clock = createTestClock()
  const log = arrayLog(clock)
  let tries = 0
  log.before = () => {
    tries += 1
    throw new VersionConflict('incident/shop/1', 9, '0')
  }
  const losing = record(log, 'incident/shop/1', () => [note('x')], { clock, attempts: 5 })
  await expect(clock.run(losing)).rejects.toMatchObject({ code: 'VERSION_CONFLICT', actual: 9 })
  expect(tries).toBe(5)

  log.before = () => {
    tries += 1
    throw new Error('disk full')
  }
  await expect(record(log, 'incident/shop/1', () => [note('x')])).rejects.toThrow('disk full')
  expect(tries).toBe(6)
})

test('an aborted caller stops before the next try', async () => {
  const log = arrayLog(createTestClock())
  const signal = AbortSignal.abort(new Error('enough'))
  await expect(record(log, 'incident/shop/1', () => [note('x')], { signal })).rejects.toThrow('enough')
  expect(log.events).toEqual([])
})
