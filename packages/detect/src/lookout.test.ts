import { expect, test } from 'vitest'
import { seededRandom, type Probe, type Signal } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { watch } from './watch.ts'

test('a probe that learns its service only after it was told to be broken is told to be well under the same name', async () => {
  const clock = createTestClock()
  const told: Signal[] = []
  const seen = {
    key: 'edge',
    source: 'edge',
    measured: true,
    service: 'shop',
    status: 'resolved',
    summary: '',
  } as const
  let down = true
  const probe: Probe = {
    name: 'checks',
    async observe() {
      if (down) throw new Error('the platform cannot be reached')
      const at = new Date(clock.now()).toISOString()
      return [{ ...seen, id: `${clock.now()}`, at, symptoms: [], labels: {}, links: [] }]
    },
  }
  const watching = watch([probe], {
    everyMs: 15_000,
    onSignal: (signal) => void told.push(signal),
    clock,
    random: seededRandom(7),
  })
  await clock.advance(300_000)
  down = false
  await clock.advance(600_000)
  const own = told.filter(({ key }) => key === 'probe/checks')
  expect(own[0]).toMatchObject({ status: 'firing', service: 'checks' })
  expect(own.at(-1)).toMatchObject({ status: 'resolved', service: 'checks' })
  await watching[Symbol.asyncDispose]()
})
