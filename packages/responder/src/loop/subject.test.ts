import { expect, test } from 'vitest'
import { NetworkError, type IncidentLog } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { follow, refresh } from './subject.ts'

test('a tail that could not be read is read the next time', async () => {
  const inner = memoryLog({ clock: createTestClock() })
  const data = { service: 'shop', by: 'mia', text: 'looking' }
  await inner.append([{ stream: 'incident/shop/1', events: [{ type: 'note.added', actor: 'mia', data }], expected: 0 }])
  let down = true
  const log: IncidentLog = {
    ...inner,
    async *read(stream, options) {
      if (down) throw new NetworkError('the log cannot be read')
      yield* inner.read(stream, options)
    },
  }
  const followed = follow('incident/shop/1')
  await expect(refresh(log, followed)).rejects.toThrow('cannot be read')
  expect(followed.stale).toBe(true)
  down = false
  await refresh(log, followed)
  expect(followed).toMatchObject({ stale: false, state: { version: 1 } })
})
