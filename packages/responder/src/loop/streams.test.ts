import type { IncidentLog } from '@firebreak/core'
import { expect, test } from 'vitest'
import { together } from '../fixtures/troubled-log.ts'
import { outage } from '../responder.fixture.ts'
import { createStreams } from './streams.ts'

const second = 1_000

test('a command on a stream that is just being read waits until all of it is', async () => {
  const { clock, shared, join } = together()
  await join().responder.ingest(outage(clock))
  const slow: IncidentLog = {
    ...shared,
    async *read(stream, options) {
      for await (const event of shared.read(stream, options)) {
        await clock.sleep(second)
        yield event
      }
    },
  }
  const { responder } = join([], { log: slow })
  const starting = responder.start()
  await clock.advance(second / 2)
  const acknowledged = responder.acknowledge('incident/shop/1', { by: 'mia' })
  await clock.run(starting)
  expect((await clock.run(acknowledged)).acknowledgement).toMatchObject({ by: 'mia', severity: 'P0' })
  await clock.run(responder.stop())
})

test('a note on what is being let go of is in what it gives back', async () => {
  const { clock, join } = together()
  const { responder } = join()
  await responder.start()
  await responder.ingest(outage(clock))
  await responder.resolve('shop', { by: 'mia', why: 'over' })
  const noted = responder.note('shop', { by: 'mia', text: 'it was the load balancer' })
  await clock.advance(second)
  expect((await noted).notes).toMatchObject([{ text: 'it was the load balancer' }])
  await responder.stop()
})

test('what is let go of while its tail is being read is read whole for whoever asks for it again', async () => {
  const { clock, shared, join } = together()
  const { responder } = join()
  await responder.ingest(outage(clock))
  let pauseMs = 0
  const streams = createStreams({
    ...shared,
    async *read(stream, options) {
      await clock.sleep(pauseMs)
      yield* shared.read(stream, options)
    },
  })
  const stream = 'incident/shop/1'
  const { state } = await clock.run(streams.incident(stream))
  const { version } = state
  await responder.note('shop', { by: 'mia', text: 'it was the load balancer' })
  streams.of(stream).stale = true
  pauseMs = second
  const tail = streams.incident(stream)
  streams.putAside(stream)
  const again = await clock.run(streams.incident(stream))
  expect(again.state).not.toBe(state)
  expect(again.state.version).toBe(version + 1)
  await clock.run(tail)
})

test('what is let go of while its tail is being read is still known to be there', async () => {
  const { clock, shared, join } = together()
  await join().responder.ingest(outage(clock))
  const streams = createStreams({
    ...shared,
    async *read(stream, options) {
      await clock.sleep(second)
      yield* shared.read(stream, options)
    },
  })
  const stream = 'incident/shop/1'
  await clock.run(streams.incident(stream))
  streams.of(stream).stale = true
  const tail = streams.incident(stream)
  streams.putAside(stream)
  await clock.run(tail)
  for (const service of ['service/shop', 'service/*']) expect(streams.incidentsOf(service)).toEqual([stream])
  expect(streams.incidentsOf('service/sho')).toEqual([])
})
