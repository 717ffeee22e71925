import { expect, test } from 'vitest'
import type { DrillReport } from './report.ts'
import { verdictOf } from './verdict.ts'

const shipped = { ok: true, release: { id: 'r3', version: 3 }, updated: ['m1'] }
const good: DrillReport = {
  incident: { id: '7K42', service: 'shop', severity: 'P0', status: 'resolved' },
  assessment: { reasons: [] },
  pages: [{ to: 'manager', notifier: 'webhook', state: 'delivered', delayMs: 10 }],
  rollback: {
    from: { version: 3, image: 'bad' },
    to: { version: 2, image: 'good' },
    units: [{ id: 'm1', image: 'good', outcome: 'updated' }],
    verified: true,
  },
  figures: { detectMs: 1, pageMs: 2, mitigateMs: 3, verifyMs: 4, resolveMs: 5 },
  impact: { failedRequests: 1, requests: 2 },
  files: { log: 'log', feedback: ['a', 'b'], markdown: 'm', html: 'h' },
  timeline: [],
}
const judge = (report: DrillReport) => verdictOf({ scenario: 'bad', report, shipped, writes: {} })

test('a drill passes only when everything happened, and else says what did not', () => {
  expect(judge(good)).toEqual({ ok: true, text: 'detected, paged, rolled back, verified, resolved.' })
  const { incident, rollback, files } = good
  const failures: [DrillReport, RegExp][] = [
    [{ ...good, incident: null }, /no incident/],
    [{ ...good, incident: { ...incident!, severity: 'P1' } }, /worst level was P1/],
    [{ ...good, incident: { ...incident!, status: 'mitigated' } }, /mitigated, not resolved/],
    [{ ...good, pages: [] }, /not paged/],
    [{ ...good, rollback: null }, /no rollback/],
    [{ ...good, rollback: { ...rollback!, verified: false } }, /not verified/],
    [{ ...good, rollback: { ...rollback!, units: [] } }, /not on the last good image/],
    [
      { ...good, rollback: { ...rollback!, units: [{ id: 'm1', image: 'bad', outcome: 'failed' }] } },
      /1 of 1 machines/,
    ],
    [{ ...good, files: { ...files, feedback: ['a'] } }, /feedback file/],
    [{ ...good, files: { ...files, html: null } }, /post-mortem/],
  ]
  for (const [report, why] of failures) {
    expect(judge(report).ok).toBe(false)
    expect(judge(report).text).toMatch(why)
  }
})

test('with a good v3, anything that happens is a failure', () => {
  const quiet = { ...good, incident: null, pages: [], rollback: null }
  const verdict = (report: DrillReport, writes = {}) => verdictOf({ scenario: 'healthy', report, shipped, writes }).ok
  expect(verdict(quiet)).toBe(true)
  expect(verdict(good)).toBe(false)
  expect(verdict(quiet, { updateMachine: 1 })).toBe(false)
})

test('a deploy that did not go through is named', () => {
  const { ok, text } = verdictOf({
    scenario: 'bad',
    report: good,
    shipped: { ...shipped, ok: false, error: 'no capacity' },
    writes: {},
  })
  expect([ok, text]).toEqual([false, 'v3 could not be shipped: no capacity'])
})
