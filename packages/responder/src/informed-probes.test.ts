import type { Probe } from '@firebreak/core'
import { expect, test } from 'vitest'
import { night } from './fixtures/woken.ts'
import { outage } from './responder.fixture.ts'

const minute = 60_000

test('a probe learns what fires on record: what an earlier process told, the next one takes back', async () => {
  const { clock, join } = night()
  const first = await join()
  await first.ingest(outage(clock, { key: 'fact' }))
  await clock.advance(minute)
  await clock.run(first.stop())
  const told: (readonly string[] | undefined)[] = []
  const probe: Probe = {
    name: 'fly/shop',
    service: 'shop',
    async observe({ firing }) {
      told.push(firing?.map(({ key }) => key))
      const known = firing?.some(({ key }) => key === 'fact') === true
      return known ? [outage(clock, { key: 'fact', status: 'resolved', symptoms: [] })] : []
    },
  }
  const second = await join({
    probes: [probe, { ...probe, name: 'no service', service: undefined } as unknown as Probe],
  })
  await clock.advance(minute)
  expect(told[0]).toEqual(['fact'])
  expect(told[1]).toBeUndefined()
  expect(told.at(-2)).toEqual([])
  await clock.advance(30 * minute)
  expect((await second.incident('shop')).status).toBe('resolved')
  await clock.run(second.stop())
})
