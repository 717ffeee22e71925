import { expect, test } from 'vitest'
import { drive, opened } from '../fixtures/drive.ts'
import { badRelease, hour, minute, second } from '../fixtures/shop.ts'
import { createMitigator } from '../index.ts'

test.each([
  { kind: 'errorRate', ratio: 0.4, requests: 2_400, windowMs: 5 * minute },
  { kind: 'crash', oom: false, count: 4, windowMs: 10 * minute },
  { kind: 'latency', ms: 900, baselineMs: 100, windowMs: 5 * minute },
  {
    kind: 'burnRate',
    slo: 0.999,
    long: { rate: 20, windowMs: hour },
    short: { rate: 20, windowMs: 5 * minute },
  },
])('$kind over a window that reaches back before it is no regression, later it is', async (symptom) => {
  const world = await badRelease()
  const loop = drive(createMitigator({ target: world.target, health: world.target.health }), world.clock)
  loop.record(...opened(world.clock, { onsetAt: world.onsetAt }))
  while (loop.incident.mitigatedAt === undefined) await loop.until(second)
  const { mitigatedAt } = loop.incident
  const seen = async () => {
    const at = new Date(world.clock.now()).toISOString()
    loop.record({
      type: 'signal.observed',
      data: {
        id: at,
        key: 'slow',
        source: 'prometheus',
        measured: true,
        service: 'shop',
        status: 'firing',
        at,
        summary: '',
        labels: {},
        links: [],
        symptoms: [symptom],
      },
    })
    await loop.until(second)
    return loop.incident.status
  }
  await loop.until(3 * minute)
  expect(await seen()).toBe('mitigated')
  await loop.until(mitigatedAt + 11 * minute - world.clock.now())
  expect(await seen()).toBe('open')
  expect(loop.of('mitigation.finished').at(-1)).toMatchObject({ outcome: 'regressed' })
})
