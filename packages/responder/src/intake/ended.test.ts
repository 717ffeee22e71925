import { VersionConflict } from '@firebreak/core'
import { expect, test } from 'vitest'
import { onceFor, together } from '../fixtures/troubled-log.ts'
import { createResolver } from '../index.ts'
import { outage } from '../responder.fixture.ts'

const minute = 60_000
const resolved = (by: string) => ({
  type: 'incident.resolved',
  actor: `person:${by}`,
  data: { service: 'shop', by, why: 'it was the load balancer' },
})

test('what has been quiet for long enough stays open when a signal was recorded that the resolver has not read', async () => {
  const { clock, join } = together()
  const hearing = join().responder
  const { responder: resolving, trouble } = join([createResolver()])
  await hearing.start()
  await resolving.start()
  await hearing.ingest(outage(clock))
  await hearing.pin('shop', { by: 'mia', severity: 'P0' })
  await clock.advance(minute)
  await hearing.ingest(outage(clock, { status: 'resolved', symptoms: [] }))
  await clock.advance(9 * minute)
  trouble.hears = false
  await hearing.ingest(outage(clock))
  await clock.advance(10 * minute)
  expect(await hearing.incident('shop')).toMatchObject({ status: 'open', firing: 1 })
  await hearing.stop()
  await resolving.stop()
})

test('what was on record before the end does not reopen it when it is said again after a restart', async () => {
  const { clock, join, typesOf } = together()
  const before = join([createResolver()]).responder
  await before.start()
  const first = outage(clock)
  await before.ingest(first)
  await clock.advance(minute)
  await before.ingest(outage(clock, { status: 'resolved', symptoms: [] }))
  await clock.advance(15 * minute)
  expect((await before.incident('shop')).status).toBe('resolved')
  await before.stop()

  const after = join().responder
  await after.start()
  await after.ingest(first)
  await after.ingest({ ...first, id: 'the same moment under another id' })
  expect(await typesOf('incident/shop/1')).not.toContain('incident.reopened')
  expect(await typesOf('service/shop'), 'nor does it count as a change').toEqual(['signal.observed'])
  await clock.advance(minute)
  await after.ingest(outage(clock))
  expect(await typesOf('incident/shop/1')).toContain('incident.reopened')
  await after.stop()
})

test('a signal that was recorded just before a person ended it is over with the rest', async () => {
  const { clock, shared, join, typesOf } = together()
  const stream = 'incident/shop/1'
  const isSecond = onceFor('signal.observed')
  let begun = false
  const { responder } = join([], {
    log: {
      ...shared,
      async append(writes) {
        if (!begun || !isSecond(writes)) return shared.append(writes)
        // Others write before it and after it, and all of it is read at once.
        const note = { type: 'note.added', actor: 'person:kim', data: { service: 'shop', by: 'kim', text: 'I see' } }
        await shared.append([{ stream, events: [note], expected: 3 }])
        const appended = await shared.append(writes)
        await shared.append([{ stream, events: [resolved('kim')], expected: 6 }])
        return appended
      },
    },
  })
  await responder.start()
  await responder.ingest(outage(clock, { symptoms: [{ kind: 'stated', severity: 'P1' }] }))
  begun = true
  await clock.advance(1_000)
  await responder.ingest(outage(clock, { key: 'worse' }))
  await clock.advance(minute)
  expect((await typesOf(stream)).slice(3)).toEqual([
    'note.added',
    'signal.observed',
    'incident.assessed',
    'incident.resolved',
  ])
  await responder.stop()
})

test('whoever loses every race for an opening refuses the signal, and does not swallow it', async () => {
  const { clock, join } = together()
  const { responder, trouble } = join()
  trouble.refuse = () => new VersionConflict('incident/shop/1', 0, '0')
  const signal = outage(clock)
  await expect(responder.ingest(signal)).rejects.toThrow('others were first 20 times')
  trouble.refuse = () => undefined
  await responder.ingest(signal)
  expect((await responder.incident('shop')).severity).toBe('P0')
})

test('what a person ended stays over when another signal reopens the incident, and does not keep it open', async () => {
  const { clock, join } = together()
  const { responder } = join([createResolver()])
  const reading = join().responder
  await responder.start()
  await reading.start()
  await responder.ingest(outage(clock))
  await clock.advance(20_000)
  await responder.resolve('shop', { by: 'mia', why: 'known' })
  await clock.advance(10_000)
  await responder.ingest(outage(clock, { key: 'other', symptoms: [{ kind: 'stated', severity: 'P2' }] }))
  await clock.advance(10_000)
  for (const each of [responder, reading])
    expect(await each.incident('shop')).toMatchObject({ status: 'open', severity: 'P2', firing: 1, reopened: 1 })
  await responder.ingest(outage(clock, { key: 'other', status: 'resolved', symptoms: [] }))
  await clock.advance(40 * minute)
  expect((await responder.incident('shop')).status).toBe('resolved')
  await responder.stop()
  await reading.stop()
})

test.each([
  ['the same incident', {}, 1],
  ['the next one', { reopenWithinMs: 0 }, 2],
])(
  'what ended unheard stays over for whoever hears of it together with the beginning of %s',
  async (_name, options, number) => {
    const { clock, join } = together()
    const told = join([], options).responder
    const { responder: late, trouble } = join([], options)
    await told.start()
    await late.start()
    const standing = outage(clock)
    await told.ingest(standing)
    await late.ingest(standing)
    await clock.advance(5_000)
    trouble.hears = false
    await told.resolve('shop', { by: 'mia', why: 'known' })
    await clock.advance(5_000)
    await told.ingest(outage(clock, { key: 'other', symptoms: [{ kind: 'stated', severity: 'P2' }] }))
    trouble.hears = true
    await told.note('shop', { by: 'mia', text: 'it is back' })
    await clock.advance(30_000)
    expect(await told.incident('shop')).toMatchObject({ number, severity: 'P2', firing: 1 })
    await late.ingest(outage(clock, { key: 'third', symptoms: [{ kind: 'stated', severity: 'P1' }] }))
    await clock.advance(30_000)
    expect(await told.incident('shop')).toMatchObject({ severity: 'P1', firing: 2 })
    await told.stop()
    await late.stop()
  },
)

test.each(['while it is open', 'after its end'])(
  'a clock that was set back hides nothing that is seen %s',
  async (when) => {
    const { clock, join } = together()
    const { responder } = join()
    await responder.start()
    await responder.ingest(outage(clock, { symptoms: [{ kind: 'stated', severity: 'P2' }] }))
    if (when === 'after its end') await responder.resolve('shop', { by: 'mia', why: 'known' })
    await clock.advance(5_000)
    clock.jump(-10 * minute)
    await responder.ingest(outage(clock))
    expect(await responder.incident('shop')).toMatchObject({ status: 'open', severity: 'P0', firing: 1 })
    await responder.stop()
  },
)
