import type { NotifyOutcome } from '@firebreak/core'
import type { LoopbackAnswer } from './loopback.ts'

/** One answer of a target, and what a notifier must make of it. */
export interface StatusCase {
  readonly title: string
  readonly answer: LoopbackAnswer
  readonly outcome: NotifyOutcome
  readonly retryAfterMs?: number
}

const json = { 'content-type': 'application/json' }
const html = { 'content-type': 'text/html' }
const page = '<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>'

/** What a target may answer that is not a delivery. */
export const statusTable: readonly StatusCase[] = [
  { title: '301', answer: { status: 301, headers: { location: '/moved' } }, outcome: 'permanent' },
  { title: '302', answer: { status: 302, headers: { location: '/moved' } }, outcome: 'permanent' },
  { title: '304', answer: { status: 304 }, outcome: 'permanent' },
  { title: '307', answer: { status: 307, headers: { location: '/moved' } }, outcome: 'permanent' },
  { title: '400', answer: { status: 400, body: '{"error":"bad"}', headers: json }, outcome: 'permanent' },
  { title: '401', answer: { status: 401, body: 'who are you?' }, outcome: 'permanent' },
  { title: '403', answer: { status: 403, body: 'forbidden' }, outcome: 'permanent' },
  { title: '404', answer: { status: 404 }, outcome: 'permanent' },
  { title: '405', answer: { status: 405 }, outcome: 'permanent' },
  { title: '408', answer: { status: 408 }, outcome: 'transient' },
  { title: '410', answer: { status: 410, body: 'gone' }, outcome: 'permanent' },
  { title: '413', answer: { status: 413 }, outcome: 'permanent' },
  { title: '422', answer: { status: 422 }, outcome: 'permanent' },
  { title: '425', answer: { status: 425 }, outcome: 'transient' },
  { title: '500', answer: { status: 500, body: '{"error":"oops"}', headers: json }, outcome: 'transient' },
  { title: '502 in HTML', answer: { status: 502, body: page, headers: html }, outcome: 'transient' },
  { title: '503', answer: { status: 503 }, outcome: 'transient' },
  { title: '504', answer: { status: 504, body: page, headers: html }, outcome: 'ambiguous' },
]

/** How targets say how long to wait. */
export const throttleTable: readonly StatusCase[] = [
  { title: 'nothing more', answer: { status: 429 }, outcome: 'throttled' },
  throttled('whole seconds', { 'retry-after': '7' }, '', 7_000),
  throttled('fractions of a second', { 'retry-after': '0.25' }, '', 250),
  throttled(
    'an HTTP date',
    { date: 'Mon, 23 Nov 2026 02:00:00 GMT', 'retry-after': 'Mon, 23 Nov 2026 02:00:30 GMT' },
    '',
    30_000,
  ),
  throttled('milliseconds', { 'retry-after-ms': '1500' }, '', 1_500),
  throttled('a reset header', { 'x-ratelimit-reset-after': '1.5' }, '', 1_500),
  throttled('JSON seconds', json, '{"ok":false,"error":"rate_limited","retry_after":3}', 3_000),
  throttled('JSON fractions', json, '{"message":"slow down","retry_after":0.75,"global":false}', 750),
  throttled('JSON milliseconds', json, '{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2000}', 2_000),
  throttled('JSON parameters', json, '{"ok":false,"error_code":429,"parameters":{"retry_after":5}}', 5_000),
]

function throttled(
  title: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  retryAfterMs: number,
): StatusCase {
  return { title, answer: { status: 429, headers, body }, outcome: 'throttled', retryAfterMs }
}
