import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { seededRandom, type IncidentLog } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { grafanaIntake } from '@firebreak/detect/grafana'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder } from '../responder.ts'

const publicUrl = 'http://127.0.0.1:8080'
const secret = 'grafana-secret'

function setUp({ refuse = false } = {}) {
  const clock = createTestClock()
  const inner = memoryLog({ clock })
  const log: IncidentLog = {
    ...inner,
    append: async (writes) => {
      if (refuse) throw new Error('disk full')
      return inner.append(writes)
    },
  }
  const hooks = { grafana: grafanaIntake({ secret, clock }) }
  const responder = createResponder({
    log,
    parts: [],
    clock,
    random: seededRandom(1),
    http: { publicUrl, token: 'all', hooks },
  })
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    responder.fetch(
      new Request(publicUrl + path, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      }),
    )
  return { clock, responder, post }
}

const bearer = { authorization: 'Bearer all' }
const alert = (clock: { now(): number }, name = 'HighErrors') => ({
  labels: { alertname: name, service: 'shop', severity: 'critical' },
  annotations: { summary: 'many errors' },
  startsAt: new Date(clock.now()).toISOString(),
})

test('a Prometheus server points straight at it: its alerts open an incident, capped at P1', async () => {
  const { clock, responder, post } = setUp()
  const response = await post('/api/v2/alerts', JSON.stringify([alert(clock)]), bearer)
  expect(response.status).toBe(200)
  expect(await responder.incident('shop')).toMatchObject({ severity: 'P1', status: 'open' })
})

test('an Alertmanager webhook needs a token, and then opens an incident', async () => {
  const { clock, responder, post } = setUp()
  const one = {
    ...alert(clock),
    status: 'firing',
    fingerprint: 'c0ffee',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
  }
  const body = JSON.stringify({
    version: '4',
    groupKey: '{}:{}',
    status: 'firing',
    receiver: 'firebreak',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: '',
    alerts: [one],
  })
  expect((await post('/hooks/alertmanager', body)).status).toBe(401)
  expect((await post('/hooks/alertmanager', body, bearer)).status).toBe(200)
  expect((await responder.incident('shop')).signals.size).toBe(1)
})

test('a signed hook proves itself: a wrong signature takes nothing, a right one needs no token', async () => {
  const { clock, responder, post } = setUp()
  const one = {
    ...alert(clock),
    status: 'firing',
    fingerprint: 'c0ffee',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
    values: {},
  }
  const body = JSON.stringify({
    receiver: 'firebreak',
    status: 'firing',
    orgId: 1,
    alerts: [one],
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: '',
    version: '1',
    groupKey: 'g',
    truncatedAlerts: 0,
    title: 't',
    state: 'alerting',
    message: 'm',
  })
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  const wrong = await post('/hooks/grafana', body, { 'x-grafana-alerting-signature': '0'.repeat(64) })
  expect(wrong.status).toBe(401)
  await expect(responder.incident('shop')).rejects.toMatchObject({ code: 'UNKNOWN_INCIDENT' })
  const right = await post('/hooks/grafana', body, { 'x-grafana-alerting-signature': signature })
  expect(right.status).toBe(200)
  expect((await responder.incident('shop')).severity).toBe('P1')
})

test('a hook that is not configured does not exist', async () => {
  const { post } = setUp()
  expect((await post('/hooks/sentry', '{}', bearer)).status).toBe(404)
})

test('while the log refuses, senders get a 503 and send again', async () => {
  const { clock, responder, post } = setUp({ refuse: true })
  const response = await post('/api/v2/alerts', JSON.stringify([alert(clock)]), bearer)
  expect(response.status).toBe(503)
  expect(JSON.stringify(await response.json())).not.toContain('disk full')
  await responder.stop()
})

test('the OpenAPI document describes each route once, with its parameters and its token', async () => {
  const { responder } = setUp()
  const response = await responder.fetch(new Request(`${publicUrl}/openapi.json`, { headers: bearer }))
  const document = (await response.json()) as {
    openapi: string
    paths: Record<
      string,
      Record<
        string,
        {
          operationId: string
          security?: object[]
          responses: object
          parameters?: { name: string; in: string; required: boolean }[]
        }
      >
    >
  }
  expect(document.openapi).toBe('3.1.0')
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((it) => ({ path, ...it })),
  )
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
  for (const { path, parameters = [], responses } of operations) {
    const named = Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => name)
    const inPath = parameters.filter((it) => it.in === 'path')
    expect(inPath.map(({ name }) => name)).toEqual(named)
    expect(parameters.every((it) => it.required === (it.in === 'path'))).toBe(true)
    expect(Object.keys(responses).length).toBeGreaterThan(0)
  }
  const unguarded = operations.filter(({ security }) => security === undefined).map(({ path }) => path)
  expect(unguarded.toSorted()).toEqual(['/healthz', '/hooks/grafana', '/readyz'])
})
