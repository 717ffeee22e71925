import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { reportSignal } from './report-signal.ts'

const clock = createTestClock()

test('a report is told, not measured, and says who and how bad', () => {
  const seen = reportSignal({
    service: 'shop',
    summary: 'checkout is blank',
    severity: 'P0',
    by: 'mia',
    clock,
    random: () => 0,
  })
  expect(seen).toMatchObject({
    source: 'report',
    measured: false,
    service: 'shop',
    status: 'firing',
    at: '2026-11-23T02:00:00.000Z',
    symptoms: [{ kind: 'stated', severity: 'P0' }],
    labels: { by: 'mia' },
  })
})

test('each report is a problem of its own unless it names the problem; the same key takes it back', () => {
  const [first, second] = [1, 2].map(() => reportSignal({ service: 'shop', summary: 'slow', severity: 'P2' }))
  expect(first!.key).not.toBe(second!.key)
  const back = reportSignal({ service: 'shop', summary: 'fine again', key: 'slow', status: 'resolved' })
  expect(back).toMatchObject({ key: 'report/slow', status: 'resolved', symptoms: [] })
})

test('a breach carries the symptom', () => {
  const breach = reportSignal({
    service: 'shop',
    summary: 'leak',
    symptoms: [{ kind: 'security', detail: 'public list' }],
  })
  expect(breach.symptoms).toEqual([{ kind: 'security', detail: 'public list' }])
})

test('secrets and personal data do not get into the symptoms', () => {
  const told = reportSignal({
    service: 'shop',
    summary: 'x',
    symptoms: [{ kind: 'security', detail: 'mia@example.com' }],
  })
  expect(told.symptoms).toEqual([{ kind: 'security', detail: '[e-mail]' }])
})

test('secrets and personal data do not get into the summary', () => {
  const { summary } = reportSignal({
    service: 'shop',
    summary: 'mia@example.com saw postgres://user:hunter22@db/x and 4111 1111 1111 1111',
    severity: 'P1',
  })
  expect(summary).not.toMatch(/mia@|hunter22|4111/)
})

test.each([
  [{ service: '', summary: 'x', severity: 'P1' }, 'service'],
  [{ service: 'team/shop', summary: 'x', severity: 'P1' }, 'service'],
  [{ service: 'a\nb', summary: 'x', severity: 'P1' }, 'service'],
  [{ service: 'shop', summary: ' ', severity: 'P1' }, 'summary'],
  [{ service: 'shop', summary: 'x' }, 'severity'],
  [{ service: 'shop', summary: 'x', severity: 'P9' }, 'symptoms[0].severity'],
  [{ service: 'shop', summary: 'x', symptoms: [{ kind: 'errorRate', ratio: 12 }] }, 'symptoms[0].ratio'],
  [{ service: 'shop', summary: 'x', symptoms: [{ kind: 'errorRate', ratio: Number.NaN }] }, 'symptoms[0].ratio'],
  [{ service: 'shop', summary: 'x', symptoms: [{ kind: 'latency', ms: -1, baselineMs: 5 }] }, 'symptoms[0].ms'],
  [
    { service: 'shop', summary: 'x', symptoms: [{ kind: 'checks', passing: 3, total: 2, intermittent: false }] },
    'symptoms[0].passing',
  ],
  [{ service: 'shop', summary: 'x', symptoms: [{ kind: 'weather' }] }, 'symptoms[0].kind'],
  [{ service: 'shop', summary: 'x', symptoms: [null] }, 'symptoms[0]'],
])('refuses %o, naming %s', (report, field) => {
  expect(() => reportSignal(report as never)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT', field }))
})
