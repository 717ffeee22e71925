import { expect, test } from 'vitest'
import { drive, opened } from '../fixtures/drive.ts'
import { badRelease, hour, I1, minute, second } from '../fixtures/shop.ts'
import { createMitigator } from '../index.ts'

test('a performer dies after the only machine was updated: the next one judges by what it was before that', async () => {
  const { clock, target, onsetAt } = await badRelease({ units: [{ id: 'm1', image: 'shop:1', digest: I1 }] })
  const loop = drive(createMitigator({ target, health: target.health }), clock)
  loop.record(...opened(clock, { onsetAt }))
  const key = 'rollback/v3/unit/m1'
  loop.loseOutcomeOf(key)
  while (loop.incident.actions.get(key)?.finished === undefined) await loop.until(second)
  loop.held = true
  await loop.until(50 * second)
  loop.held = false
  await loop.until(10 * minute)
  expect(loop.of('mitigation.finished')).toMatchObject([{ outcome: 'verified' }])
})

test('a look that fails half-way is repeated before it is the last word', async () => {
  const { clock, target, onsetAt } = await badRelease()
  let failing = 0
  const health: typeof target.health = {
    sample: async (query) => {
      // What the image was like while it was live: asked before every machine.
      if (query.until - query.since > hour && failing > 0) {
        failing -= 1
        throw new Error('timeout')
      }
      return target.health.sample(query)
    },
  }
  const loop = drive(createMitigator({ target, health }), clock)
  loop.record(...opened(clock, { onsetAt }))
  while (loop.incident.units.size < 1) await loop.until(second)
  failing = 2
  await loop.until(10 * minute)
  expect(failing).toBe(0)
  expect(loop.of('mitigation.finished')).toMatchObject([{ outcome: 'verified' }])
})

/** The first machine was claimed and nothing was written, because a hold came in between; it lasts for an hour. */
async function putOff() {
  const { clock, target, onsetAt } = await badRelease()
  const loop = drive(createMitigator({ target, health: target.health }), clock)
  loop.record(...opened(clock, { onsetAt }))
  loop.held = true
  while (!loop.incident.actions.has('rollback/v3/unit/m1')) await loop.until(100)
  loop.tellService({ type: 'hold.placed', data: { hold: 'h', reason: 'let me look', by: 'mia' } })
  await loop.until(hour)
  const goOn = async () => {
    loop.held = false
    loop.tellService({ type: 'hold.released', data: { hold: 'h', by: 'mia' } })
    await loop.until(5 * minute)
  }
  expect(target.applied).toEqual([])
  return { target, loop, goOn }
}

test.each([
  ['the level fell', { type: 'incident.assessed', data: { service: 'shop', severity: 'P2', reasons: [] } }],
  ['it was mitigated', { type: 'incident.mitigated', data: { service: 'shop', how: 'by hand' } }],
])('a first write that was put off is not made when %s meanwhile', async (_what, event) => {
  const { target, loop, goOn } = await putOff()
  loop.record(event)
  await goOn()
  expect(target.applied).toEqual([])
  expect(loop.of('guard.refused').at(-1)).toMatchObject({ guard: 'severity' })
  expect(loop.of('mitigation.finished')).toMatchObject([{ outcome: 'aborted' }])
})

test('a first write that was put off is made when all is as it was', async () => {
  const { loop, goOn } = await putOff()
  await goOn()
  expect(loop.incident.status).toBe('mitigated')
})

test('a verification that was given up on ends the rollback, unverified: it is not half-way for ever', async () => {
  const { clock, target, onsetAt } = await badRelease()
  const loop = drive(createMitigator({ target, health: target.health }), clock)
  loop.record(...opened(clock, { onsetAt }))
  while (target.applied.length < 3) await loop.until(second)
  target.fault({ on: 'releases', kind: 'droppedBefore', times: 1_000 })
  await loop.until(20 * minute)
  expect(loop.of('mitigation.finished')).toMatchObject([{ action: 'rollback/v3', outcome: 'unverified' }])
})
