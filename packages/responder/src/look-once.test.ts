import { expect, test } from 'vitest'
import { createBus, seededRandom, type Part, type Probe } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder } from './index.ts'
import { outage } from './responder.fixture.ts'

const forEver = async () => new Promise<never>(() => undefined)

function setUp(options: { probes?: readonly Probe[]; parts?: readonly Part[] }) {
  const clock = createTestClock()
  const bus = createBus()
  const failed: string[] = []
  bus.on('probe.failed', ({ probe }) => failed.push(probe))
  const log = memoryLog({ clock })
  return {
    clock,
    failed,
    responder: createResponder({ log, parts: [], clock, bus, random: seededRandom(1), ...options }),
  }
}

test('a tick takes what good probes see, though others throw, hang, or see what is no signal', async () => {
  const bad: Record<string, () => unknown> = {
    throws: () => {
      throw new Error('broken')
    },
    rejects: async () => Promise.reject(new Error('broken')),
    hangs: forEver,
    nothing: async () => undefined,
    odd: async () => [undefined],
    endless: async () => [outage(clock, { symptoms: [{ kind: 'errorRate', ratio: Number.NaN }] })],
  }
  const probes = Object.entries(bad).map(([name, observe]) => ({ name, observe }) as Probe)
  const good: Probe = { name: 'good', observe: async () => [outage(clock, { service: 'blog' })] }
  const { clock, responder, failed } = setUp({ probes: [...probes, good] })
  await clock.run(responder.tick())
  expect((await responder.incident('blog')).severity).toBe('P0')
  expect(failed.toSorted()).toEqual(Object.keys(bad).toSorted())
  expect(clock.pending).toBe(0)
})

test('stop ends within its deadline, though what is performed does not heed its signal', async () => {
  const part: Part = { name: 'deaf', plan: () => [{ key: 'x', why: 'x', effect: {} }], perform: forEver }
  const { clock, responder } = setUp({ parts: [part] })
  await responder.start()
  await responder.ingest(outage(clock))
  await clock.advance(1_000)
  const began = clock.now()
  await clock.run(responder.stop({ deadlineMs: 5_000 }))
  expect(clock.now() - began).toBeLessThanOrEqual(7_000)
  expect(clock.pending).toBe(0)
})

test('what was stopped does not start again, and says so', async () => {
  const { clock, responder } = setUp({})
  await responder.start()
  await clock.run(responder.stop())
  for (const again of [() => responder.start(), () => responder.tick(), () => responder.step()])
    await expect(again()).rejects.toMatchObject({ code: 'ABORTED' })
  await expect(responder.stop({ deadlineMs: Number.NaN })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})
