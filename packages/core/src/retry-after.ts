/**
 * How long a target asks us to wait, in milliseconds: `Retry-After` as seconds (whole or fractional) or HTTP-date,
 * `retry-after-ms`, `X-RateLimit-Reset-After`, `X-RateLimit-Reset` (an instant, seconds since the epoch), and the JSON forms `retry_after` (Slack, Discord: seconds, may be a
 * float), `parameters.retry_after` (Telegram) and `retry_after_ms` (Matrix). `undefined` when it asks for nothing.
 */
export function parseRetryAfter(headers: Headers, body: string, now: number): number | undefined {
  return (
    positive(headers.get('retry-after-ms'), 1) ??
    positive(headers.get('retry-after'), 1_000) ??
    fromDate(headers.get('retry-after'), now) ??
    fromBody(body) ??
    positive(headers.get('x-ratelimit-reset-after'), 1_000) ??
    fromEpoch(headers.get('x-ratelimit-reset'), now)
  )
}

function positive(value: unknown, unitMs: number): number | undefined {
  if (value === null || value === undefined || value === '') return undefined
  const amount = Number(value)
  return Number.isFinite(amount) && amount >= 0 ? Math.ceil(amount * unitMs) : undefined
}

function fromDate(value: string | null, now: number): number | undefined {
  // A date has a month's name; what else `Date.parse` would take for one is none.
  const at = value !== null && /[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) || Number.isNaN(now) ? undefined : Math.max(0, at - now)
}

/** Smaller than an instant of this century: not an instant, so not what this header means. */
const earliestEpoch = 1_000_000_000

function fromEpoch(value: string | null, now: number): number | undefined {
  const seconds = Number(value)
  if (value === null || !Number.isFinite(seconds) || seconds < earliestEpoch || Number.isNaN(now)) return undefined
  return Math.max(0, seconds * 1_000 - now)
}

function fromBody(body: string): number | undefined {
  if (!body.trimStart().startsWith('{')) return undefined
  try {
    const parsed = JSON.parse(body) as {
      retry_after?: unknown
      retry_after_ms?: unknown
      parameters?: { retry_after?: unknown }
    }
    return (
      positive(parsed.retry_after_ms, 1) ??
      positive(parsed.parameters?.retry_after, 1_000) ??
      positive(parsed.retry_after, 1_000)
    )
  } catch {
    return undefined
  }
}
