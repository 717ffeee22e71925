import { expect, test } from 'vitest'
import { badDeploy } from './fixtures/bad-deploy.ts'
import { measureIncident, renderPostmortem, renderTimeline, timelineEntries } from './index.ts'

test('the figures are milliseconds from the onset, and the page that wakes counts', () => {
  expect(measureIncident(badDeploy())).toMatchObject({
    onsetAt: '2026-11-23T02:02:10.000Z',
    detectMs: 15_000,
    pageMs: 78_000,
    acknowledgeMs: 230_000,
    mitigateMs: 216_000,
    verifyMs: 300_000,
    resolveMs: 900_000,
    timeInSeverityMs: { P0: 345_000, P1: 45_000, P2: 0, P3: 480_000 },
    unacknowledgedMs: 200_000,
    pages: { sent: 2, woke: 1, failed: 0, withdrawn: 0, slowestMs: 1800 },
  })
})

test('every event is in the timeline, in one line each', () => {
  const events = badDeploy()
  expect(timelineEntries(events)).toHaveLength(events.length)
  expect(renderTimeline(events).split('\n')).toHaveLength(events.length)
})

test('the same events give the same bytes', () => {
  for (const format of ['markdown', 'html'] as const)
    expect(renderPostmortem(badDeploy(), { format })).toBe(renderPostmortem(badDeploy(), { format }))
})
