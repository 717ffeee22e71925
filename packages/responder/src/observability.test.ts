import { trace, type Span, type Tracer } from '@opentelemetry/api'
import type { Notifier, Part } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { afterEach, expect, test, vi } from 'vitest'
import { createResponder, standardRunbook, type AnyPart } from './index.ts'
import { outage } from './responder.fixture.ts'

afterEach(() => trace.disable())

function responderOf(parts: readonly AnyPart[]) {
  const clock = createTestClock()
  const log = memoryLog({ clock })
  const http = { publicUrl: 'http://127.0.0.1', open: true }
  return { clock, responder: createResponder({ log, parts, clock, http }) }
}

test('/metrics counts incidents, plans, actions and deliveries, and a page once', async () => {
  const phone: Notifier = { name: 'phone', reach: 'wake', send: async () => ({ state: 'delivered' }) }
  const { clock, responder } = responderOf(standardRunbook({ people: { manager: phone, engineer: phone } }))
  await responder.ingest(outage(clock))
  await clock.run(responder.tick())
  const text = await (await responder.fetch(new Request('http://127.0.0.1/metrics'))).text()
  expect(text).toContain('firebreak_incidents_opened_total 1')
  expect(text).toContain('firebreak_actions_finished_total{part="investigate",outcome="done"} 2')
  expect(text).toContain('firebreak_deliveries_total{notifier="phone",outcome="sent"} 1')
  expect(text).toMatch(/firebreak_delivery_delay_seconds_count 1/)
  expect(text).toMatch(/firebreak_planning_seconds_count [1-9]/)
  expect(text).toContain('firebreak_actions_running 0')
})

test('what is over is followed until its last words are recorded, and no longer', async () => {
  const { clock, responder } = responderOf([])
  const followed = async () => {
    const text = await (await responder.fetch(new Request('http://127.0.0.1/metrics'))).text()
    return Number(/firebreak_streams_followed (\d+)/.exec(text)?.[1])
  }
  await clock.run(responder.start())
  const before = await followed()
  await responder.ingest(outage(clock))
  await clock.advance(1_000)
  const open = await followed()
  expect(open).toBeGreaterThan(before)
  await responder.resolve('shop', { by: 'mia', why: 'it is over' })
  await clock.advance(20_000)
  expect(await followed()).toBe(open)
  await clock.advance(60_000)
  expect(await followed()).toBe(open - 1)
  await clock.run(responder.stop())
})

test('with OpenTelemetry, what is taken in and performed is a span, and a failure is marked', async () => {
  const ended: { name: string; code: number | undefined; attributes: object }[] = []
  const startSpan: Tracer['startSpan'] = (name, { attributes = {} } = {}) => {
    const given = { ...attributes }
    let code: number | undefined
    const span = {
      setAttribute: (key: string, value: string) => void (given[key] = value),
      setStatus: (status: { code: number }) => void (code = status.code),
      end: () => void ended.push({ name, code, attributes: given }),
    }
    return span as unknown as Span
  }
  const tracer = { startSpan } as Tracer
  let asked = false
  trace.setGlobalTracerProvider({ getTracer: () => ((asked = true), tracer) })
  const part: Part = {
    name: 'caller',
    plan: () => [{ key: 'call', why: 'somebody must', effect: {} }],
    async perform() {
      throw Object.assign(new Error('no credit'), { retryable: false })
    },
  }
  const { clock, responder } = responderOf([part])
  await clock.run(responder.step())
  // The package is loaded beside the work, not before it.
  await vi.waitFor(() => expect(asked).toBe(true))
  await responder.ingest(outage(clock))
  await clock.run(responder.tick())
  expect(ended).toMatchObject([
    { name: 'firebreak.ingest', code: undefined, attributes: { 'firebreak.signals': 1 } },
    {
      name: 'firebreak.action caller',
      code: 2,
      attributes: { 'firebreak.key': 'call', 'firebreak.outcome': 'failed' },
    },
  ])
})
