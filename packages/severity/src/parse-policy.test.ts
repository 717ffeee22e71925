import { readFileSync } from 'node:fs'
import { InvalidInput } from '@firebreak/core'
import { describe, expect, test } from 'vitest'
import { classify, defineSeverityPolicy, parsePolicy, renderPolicy, standardPolicy } from './index.ts'

const runbook = readFileSync(new URL('fixtures/runbook.txt', import.meta.url), 'utf8')

describe('the runbook', () => {
  const parsed = parsePolicy(runbook)

  test('is the standard policy: nothing is unrecognised, nothing contradicts it', () => {
    expect(parsed.unrecognised).toEqual([])
    expect(parsed.contradictions).toEqual([])
    expect(parsed.policy).toEqual(standardPolicy)
  })

  test('has four levels with response times', () => {
    expect(parsed.levels.map(({ severity, title, summary, response }) => [severity, title, summary, response])).toEqual(
      [
        ['P0', 'CRITICAL', 'Page Immediately', { kind: 'elapsed', withinMs: 300_000 }],
        ['P1', 'HIGH', 'Alert Within 15 Minutes', { kind: 'elapsed', withinMs: 900_000 }],
        ['P2', 'MEDIUM', 'Review During Business Hours', { kind: 'businessHours', withinMs: 7_200_000 }],
        ['P3', 'LOW', 'Log for Review', { kind: 'dailyReview' }],
      ],
    )
  })

  test('has every action and every example of its levels, word for word', () => {
    const levels = runbook.slice(
      runbook.indexOf('## Incident Severity Levels'),
      runbook.indexOf('## Incident Response Procedures'),
    )
    const bullets = [...levels.matchAll(/^- (.+)$/gm)].map(([, text]) => text)
    const numbers = [...levels.matchAll(/^\d\. (.+)$/gm)].map(([, text]) => text)
    expect(bullets).toHaveLength(15)
    expect(parsed.levels.flatMap(({ examples }) => examples.map(({ text }) => text))).toEqual(bullets)
    expect(numbers).toHaveLength(13)
    expect(parsed.levels.flatMap(({ actions }) => actions.map(({ text }) => text))).toEqual(numbers)
  })

  test('has each example recognised as the condition that it is', () => {
    expect(
      parsed.levels.flatMap(({ severity, examples }) => examples.map(({ condition }) => [severity, condition])),
    ).toEqual([
      ['P0', { kind: 'fact', fact: 'outage.complete' }],
      ['P0', { kind: 'fact', fact: 'security' }],
      ['P0', { kind: 'fact', fact: 'dependency.database' }],
      ['P0', { kind: 'fact', fact: 'function.critical', name: 'payment processing' }],
      ['P1', { kind: 'band', rule: 'errorRate', bounds: { from: 0.1, to: 0.5 } }],
      ['P1', { kind: 'band', rule: 'latency', bounds: { above: 2 } }],
      ['P1', { kind: 'fact', fact: 'checks.some' }],
      ['P1', { kind: 'fact', fact: 'outage.partial' }],
      ['P2', { kind: 'band', rule: 'errorRate', bounds: { from: 0.05, to: 0.1 } }],
      ['P2', { kind: 'band', rule: 'latency', bounds: { from: 1.5, to: 2 } }],
      ['P2', { kind: 'fact', fact: 'function.other' }],
      ['P2', { kind: 'slower' }],
      ['P3', { kind: 'band', rule: 'errorRate', bounds: { from: 0.01, to: 0.05 } }],
      ['P3', { kind: 'fact', fact: 'warning' }],
      ['P3', { kind: 'fact', fact: 'warning' }],
    ])
  })

  test('says what it leaves open: among it the figure over which an error rate is P0', () => {
    expect(parsed.assumed).toContain('errorRate.P0')
    expect(parsed.assumed).not.toContain('errorRate.P1')
  })

  test('keeps its other sections, line for line', () => {
    const texts = parsed.other.map(({ text }) => text)
    expect(texts).toContain('- **On-Call**: TBD')
    expect(texts).toContain('fly releases rollback v[LAST_GOOD] -a hotdash-agent-service')
  })

  test('moved to other levels is told line by line, with what the standard policy says', () => {
    const moved = runbook
      .replace('- Partial service outage', '- Coffee machine broken')
      .replace('Error rate 5-10%', 'Error rate 12-20%')
    const { unrecognised, contradictions } = parsePolicy(moved)
    const lineOf = (text: string) => moved.split('\n').findIndex((line) => line.includes(text)) + 1
    expect(unrecognised).toEqual([{ line: lineOf('Coffee'), text: '- Coffee machine broken' }])
    expect(contradictions).toEqual([
      {
        line: lineOf('12-20%'),
        text: 'Error rate 12-20%',
        stated: 'P2',
        judged: 'P1',
        why: 'error rate 12 % is 10 % or more (volume unknown)',
      },
    ])
  })
})

describe('a document of one of ours', () => {
  test('is complete: rendered and read back, the policy is the same', () => {
    const parsed = parsePolicy(renderPolicy(standardPolicy))
    expect(parsed.policy).toEqual(standardPolicy)
    expect(parsed.assumed).toEqual([])
    expect(parsed.unrecognised).toEqual([])
    expect(parsed.other).toEqual([])
  })

  test('prints the P0 figure as our reading of the runbook', () => {
    expect(renderPolicy(standardPolicy)).toContain(
      '| Error rate | over 50 % (our reading of the runbook) | 10 % to 50 % |',
    )
  })

  test('read back after an edit by hand is the edited policy', () => {
    const edited = renderPolicy(standardPolicy)
      .replace('over 50 % (our reading of the runbook)', 'over 40 %')
      .replace('10 % to 50 %', '10 % to 40 %')
      .replace('| Service level objective | none: burn rates are not judged |', '| Service level objective | 99.9 % |')
    const policy = defineSeverityPolicy(parsePolicy(edited).policy)
    expect(policy.slo).toBe(0.999)
    expect(classify([{ kind: 'errorRate', ratio: 0.45 }], policy).severity).toBe('P0')
  })

  test('with a row, a setting or a response time that nobody knows lists it', () => {
    const edited = renderPolicy(standardPolicy)
      .replace('| Outage | complete | partial |', '| Outage | complete | half |')
      .replace('| Evaluated every | 15 s |', '| Evaluated every | now and then |')
      .replace('< 15 min', 'soon')
    const { unrecognised, assumed } = parsePolicy(edited)
    expect(unrecognised.map(({ text }) => text)).toEqual([
      '**Response Time**: soon',
      '| Outage | complete | half |  |  |',
      '| Evaluated every | now and then |',
    ])
    expect(assumed).toEqual(expect.arrayContaining(['levels.P1.response', 'outage.partial', 'evaluateEveryMs']))
  })

  test('whose level is there twice lists the second', () => {
    const { unrecognised } = parsePolicy('### P0 - A (B)\n- Database down\n### P0 - C (D)\n- Database down\n')
    expect(unrecognised.map(({ line }) => line)).toEqual([3, 4])
  })
})

test.each([
  ['Error rate > 50%', { kind: 'band', rule: 'errorRate', bounds: { above: 0.5 } }],
  ['error rate is at least 7.5 %', { kind: 'band', rule: 'errorRate', bounds: { from: 0.075 } }],
  ['p95 latency over 3x baseline', { kind: 'band', rule: 'latency', bounds: { above: 3 } }],
  ['Disk 95 % or more', { kind: 'band', rule: 'disk', bounds: { from: 0.95 } }],
  ['Memory usage above 90%', { kind: 'band', rule: 'memory', bounds: { above: 0.9 } }],
  ['Postgres is unreachable', { kind: 'fact', fact: 'dependency.database' }],
  ['The site is down', { kind: 'fact', fact: 'outage.complete' }],
  ['Crash loop', { kind: 'fact', fact: 'crash.repeated' }],
] as const)('"%s" is understood', (text, condition) => {
  expect(parsePolicy(`### P1 - X (Y)\n- ${text}`).levels[0]?.examples[0]?.condition).toEqual(condition)
})

test.each(['Error rate 10-50', 'Response time 10-50%', 'Error rate high', 'Everything is fine', 'Users complain'])(
  '"%s" is no condition that can be told for certain, and is listed',
  (text) => {
    expect(parsePolicy(`### P1 - X (Y)\n- ${text}`).unrecognised).toEqual([{ line: 2, text: `- ${text}` }])
  },
)

test('what is no text, or too long, is refused; a hostile line costs no time', () => {
  expect(() => parsePolicy(undefined as never)).toThrow(InvalidInput)
  expect(() => parsePolicy('x'.repeat(1_000_001))).toThrow('over 1000000 characters')
  const hostile = [
    '### P0 - A (B)',
    `- error rate ${'1'.repeat(300_000)}`,
    `- ${'critical '.repeat(30_000)}`,
    `1. ${'('.repeat(300_000)}`,
  ].join('\n')
  expect(parsePolicy(hostile).unrecognised).toHaveLength(3)
  const wide = `### P0 - a${' '.repeat(9_000)}b(\n`.repeat(100)
  expect(parsePolicy(wide).levels).toHaveLength(1)
})
