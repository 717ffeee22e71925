import { expect, test } from 'vitest'
import { badDeploy } from './fixtures/bad-deploy.ts'
import { recording } from './fixtures/recording.ts'
import { formatElapsed, measureIncident } from './index.ts'

const service = 'shop'
const onsetAt = '2026-11-23T02:02:10.000Z'

function opened() {
  const log = recording('incident/shop/1', onsetAt)
  log.add(30, 'incident.opened', { service, code: '7K42', number: 1, onsetAt })
  return log
}

test('the figures are milliseconds from the onset, each with its rule and its event', () => {
  const measured = measureIncident(badDeploy())
  expect(measured).toMatchObject({
    incident: 'incident/hotdash-agent-service/7',
    onsetAt,
    detectMs: 15_000,
    pageMs: 78_000,
    acknowledgeMs: 230_000,
    mitigateMs: 216_000,
    verifyMs: 300_000,
    resolveMs: 900_000,
    timeInSeverityMs: { P0: 345_000, P1: 45_000, P2: 0, P3: 480_000 },
    unacknowledgedMs: 200_000,
    pages: { sent: 2, woke: 1, recorded: 1, failed: 0, withdrawn: 0, slowestMs: 1800 },
    escalations: 0,
    reopened: 0,
  })
  expect(measured.measures.map(({ name, event }) => [name, event?.version])).toEqual([
    ['detect', 1],
    ['page', 11],
    ['acknowledge', 22],
    ['mitigate', 20],
    ['verify', 28],
    ['resolve', 31],
  ])
  for (const { rule } of measured.measures) expect(rule).toMatch(/^from the onset to /)
})

test('what did not happen is null, never 0', () => {
  expect(measureIncident(opened().events)).toMatchObject({
    detectMs: 30_000,
    pageMs: null,
    acknowledgeMs: null,
    mitigateMs: null,
    verifyMs: null,
    resolveMs: null,
    pages: { sent: 0, slowestMs: null },
  })
  expect(measureIncident([])).toMatchObject({ incident: '', onsetAt: null, detectMs: null, unacknowledgedMs: null })
})

test('without an onset nothing is measured', () => {
  const log = recording('incident/shop/1')
  log.addAny(0, 'incident.opened', { service })
  log.addAny(9, 'incident.resolved', {})
  expect(measureIncident(log.events)).toMatchObject({ onsetAt: null, detectMs: null, resolveMs: null })
})

test('an onset that is known better than from the log replaces it', () => {
  expect(measureIncident(badDeploy(), { onsetAt: '2026-11-23T02:02:00.000Z' })).toMatchObject({
    onsetAt: '2026-11-23T02:02:00.000Z',
    detectMs: 25_000,
    resolveMs: 910_000,
  })
})

test('what was recorded before the onset is no duration, and the rule says so', () => {
  const [detect] = measureIncident(badDeploy(), { onsetAt: '2026-11-23T02:10:00.000Z' }).measures
  expect(detect).toMatchObject({ ms: null, rule: expect.stringMatching(/; recorded before the onset$/) })
})

test('a mitigation, verification and resolution that a reopening undid do not count', () => {
  const log = opened()
  log.add(60, 'incident.mitigated', { service, how: 'restart' })
  log.add(70, 'rollback.verified', { service, plan: 'p', to: { version: 2, image: 'i' } })
  log.add(90, 'incident.resolved', { service, by: 'responder', why: 'healthy' })
  log.add(120, 'incident.reopened', { service, why: 'fails again' })
  expect(measureIncident(log.events)).toMatchObject({ mitigateMs: null, verifyMs: null, resolveMs: null, reopened: 1 })
  log.add(200, 'incident.mitigated', { service, how: 'rollback' })
  log.add(210, 'mitigation.finished', { service, action: 'rollback', outcome: 'verified', why: 'healthy' })
  log.add(300, 'incident.resolved', { service, by: 'mia', why: 'healthy' })
  expect(measureIncident(log.events)).toMatchObject({ mitigateMs: 200_000, verifyMs: 210_000, resolveMs: 300_000 })
})

test('a mitigation that did not help is no verification', () => {
  const log = opened()
  log.add(60, 'mitigation.finished', { service, action: 'rollback', outcome: 'regressed', why: 'worse' })
  expect(measureIncident(log.events).verifyMs).toBe(null)
})

test('a record is no page; a page to be read counts until one wakes', () => {
  const log = opened()
  const page = { incident: 'incident/shop/1', service, severity: 'P0', to: 'manager', kind: 'trigger' } as const
  const receipt = { state: 'delivered' } as const
  log.add(31, 'page.sent', { ...page, notifier: 'file', reach: 'record', receipt })
  expect(measureIncident(log.events).pageMs).toBe(null)
  log.add(32, 'page.sent', { ...page, notifier: 'slack', reach: 'read', receipt })
  expect(measureIncident(log.events).pageMs).toBe(32_000)
  log.add(40, 'page.sent', { ...page, notifier: 'sms', reach: 'wake', receipt })
  log.add(50, 'page.sent', { ...page, notifier: 'sms', reach: 'wake', receipt })
  expect(measureIncident(log.events).pageMs).toBe(40_000)
})

test('a signal that is resolved detects nothing', () => {
  const log = recording('incident/shop/1', onsetAt)
  const signal = {
    key: 'k',
    source: 's',
    measured: true,
    service,
    at: onsetAt,
    summary: '',
    symptoms: [],
    labels: {},
    links: [],
  }
  log.add(10, 'signal.observed', { ...signal, id: '1', status: 'resolved' })
  log.add(20, 'signal.observed', {
    ...signal,
    id: '2',
    status: 'resolved',
    also: [{ ...signal, id: '3', status: 'firing' }],
  })
  log.add(30, 'incident.opened', { service, code: '7K42', number: 1, onsetAt })
  expect(measureIncident(log.events).detectMs).toBe(20_000)
})

test('no time counts at a level while it is resolved', () => {
  const log = opened()
  log.add(30, 'incident.assessed', { service, severity: 'P1', reasons: [] })
  log.add(60, 'incident.resolved', { service, by: 'responder', why: 'healthy' })
  log.add(100, 'note.added', { service, by: 'mia', text: 'hm' })
  expect(measureIncident(log.events).timeInSeverityMs.P1).toBe(30_000)
  log.add(160, 'incident.reopened', { service, why: 'again' })
  log.add(170, 'note.added', { service, by: 'mia', text: 'hm' })
  expect(measureIncident(log.events).timeInSeverityMs).toEqual({ P0: 0, P1: 40_000, P2: 0, P3: 0 })
})

test('the longest time without an acknowledgement counts from a lapse too', () => {
  const log = opened()
  log.add(40, 'incident.acknowledged', { service, by: 'mia', severity: 'P0', until: onsetAt })
  log.add(100, 'incident.acknowledgementLapsed', { service, by: 'mia', severity: 'P0' })
  log.add(150, 'incident.acknowledged', { service, by: 'mia', severity: 'P0', until: onsetAt })
  log.add(400, 'incident.resolved', { service, by: 'mia', why: 'healthy' })
  expect(measureIncident(log.events).unacknowledgedMs).toBe(50_000)
})

test.each([
  [null, 'unknown'],
  [0, '0 s'],
  [1_449, '1.4 s'],
  [59_949, '59.9 s'],
  [59_960, '1 min'],
  [60_000, '1 min'],
  [260_000, '4 min 20 s'],
  [7_500_000, '2 h 5 min'],
  [90_000_000, '1 d 1 h'],
])('%o ms are told as %s', (milliseconds, text) => {
  expect(formatElapsed(milliseconds)).toBe(text)
})
