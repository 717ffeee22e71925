import type { Symptom } from '@firebreak/core'
import { expect, test } from 'vitest'
import { outage } from '../responder.fixture.ts'
import { night } from '../fixtures/woken.ts'

const minute = 60_000
const partial: readonly Symptom[] = [{ kind: 'outage', extent: 'partial' }]

test.each([false, true])(
  'a fact that became worse is durable: P0 is not lowered while it fires (restart: %s)',
  async (restart) => {
    const { clock, join } = night()
    let responder = await join()
    await responder.ingest(outage(clock, { key: 'edge' }))
    await responder.ingest(outage(clock, { key: 'app', symptoms: partial }))
    await clock.advance(20_000)
    await responder.ingest(outage(clock, { key: 'app' }))
    await clock.advance(1_000)
    await responder.ingest(outage(clock, { key: 'edge', status: 'resolved', symptoms: [] }))
    await clock.advance(1_000)
    if (restart) {
      await clock.run(responder.stop())
      responder = await join()
    }
    await clock.advance(10 * minute)
    expect(await responder.incident('shop')).toMatchObject({ status: 'open', firing: 1, severity: 'P0' })
    await clock.run(responder.stop())
  },
)
