import { retry } from '@firebreak/core'
import * as z from 'zod'
import { InvalidInput } from '@firebreak/core'
import { FlyUnauthorizedError } from '../errors/kinds.ts'
import { aboutOf, type AppScope } from '../machines/scope.ts'

import type { FlyRequest } from '../transport/http.ts'
import { checkedId, checkedName, checkedNumber } from '../transport/route.ts'
import { decode, listOf, text } from '../transport/schema.ts'
import { isTransient } from '../transport/retry-policy.ts'

/** One line. The message is untrusted: whoever shows it strips control characters. */
export interface LogEntry {
  readonly id: string
  /** RFC 3339 with nanoseconds. */
  readonly timestamp: string
  readonly message: string
  readonly level: string
  /** The machine's id. A line does not tell its release: machine and time do. */
  readonly machine: string
  readonly region: string
  /** `app`, `proxy`, `runner`, `machine`; an open set. */
  readonly provider: string
  /** The rest, as it came: `http`, `error`, `url` of the proxy's lines. */
  readonly meta: Readonly<Record<string, unknown>>
}

export interface LogQuery {
  readonly region?: string | undefined
  /** A machine's id. */
  readonly machine?: string | undefined
  /** Where an earlier reading stopped: its `position`. */
  readonly from?: string | undefined
  /** Milliseconds since the epoch; goes back as far as Fly keeps (about 7 days). Default: the newest 100 lines of a day. */
  readonly since?: number | undefined
  /** Goes on as lines come. Default true; false ends when there is no more. */
  readonly follow?: boolean | undefined
  /** Between two empty answers, in milliseconds. Default 500. */
  readonly pollMs?: number | undefined
  /** Ends the iteration, without an error. */
  readonly signal?: AbortSignal | undefined
}

/** `for await (const entry of app.logs())`; one reading a call. */
export interface FlyLogs extends AsyncIterable<LogEntry> {
  /** Where to go on: pass it as `from`. Empty before the first page. */
  readonly position: string
}

const entry = z
  .looseObject({
    id: text,
    attributes: z.looseObject({
      timestamp: text,
      message: text,
      level: text,
      instance: text,
      region: text,
      meta: z
        .looseObject({
          event: z.looseObject({ provider: text }).nullish().catch(undefined),
          instance: text,
          region: text,
        })
        .nullish()
        .catch(undefined),
    }),
  })
  .transform(({ id, attributes: { meta, ...it } }): LogEntry => ({
    id: id ?? '',
    timestamp: it.timestamp ?? '',
    message: it.message ?? '',
    level: it.level ?? '',
    machine: it.instance ?? meta?.instance ?? '',
    region: it.region ?? meta?.region ?? '',
    provider: meta?.event?.provider ?? '',
    meta: meta ?? {},
  }))

const pageAnswer = z.looseObject({
  data: listOf(entry),
  meta: z.looseObject({ next_token: text }).nullish().catch(undefined),
})

/** As flyctl: nine more tries in a row, 64 ms doubling to 4 s. */
const logRetry = { attempts: 10, baseMs: 64, maxMs: 4_096, jitter: 0.2, budgetMs: 120_000 }

/** `GET /api/v1/apps/{app}/logs`, page after page. */
export function readLogs(scope: AppScope, query: LogQuery = {}): FlyLogs {
  const { http } = scope
  const { clock } = http.settings
  const pollMs = checkedNumber(query.pollMs ?? 500, 'pollMs', 10, 600_000)
  const filters = filtersOf(query)
  let position = query.from ?? (query.since === undefined ? '' : nanoseconds(query.since))

  async function page(signal: AbortSignal | undefined) {
    const request: FlyRequest = {
      service: 'logs',
      method: 'GET',
      route: '/api/v1/apps/{app}/logs',
      values: { app: scope.app },
      query: [['next_token', position], ...filters],
      repeat: 'never',
    }
    const { data } = await retry(
      async (attempt) =>
        decode(pageAnswer, await http.send({ ...request, attempt }, { signal, retry: false }), aboutOf(request)),
      { policy: { ...logRetry, filter: isTransient }, clock, random: http.settings.random, signal },
    )
    return data
  }

  async function* entries(): AsyncGenerator<LogEntry> {
    let seen = new Set<string>()
    const { signal } = query
    const over = () => signal?.aborted === true
    while (!over()) {
      try {
        const { data, meta } = await page(signal)
        const fresh = data.filter(({ id }) => id === '' || !seen.has(id))
        const next = meta?.next_token
        for (const line of fresh) {
          yield line
          if (over()) return
        }
        const moved = data.length > 0 && next !== undefined && next !== '' && next !== position
        if (moved) position = next
        if (data.length > 0) seen = new Set(data.map(({ id }) => id))
        if (fresh.length > 0 && moved) continue
        if (query.follow === false) return
        await clock.sleep(pollMs, signal)
      } catch (error) {
        if (over()) return
        throw explained(error)
      }
    }
  }
  return {
    get position() {
      return position
    },
    [Symbol.asyncIterator]: entries,
  }
}

function* filterPairs({ region, machine }: LogQuery): Generator<readonly [string, string]> {
  if (region !== undefined) yield ['region', checkedName(region, 'region')]
  if (machine !== undefined) yield ['instance', checkedId(machine, 'machine')]
}

function filtersOf(query: LogQuery): readonly (readonly [string, string])[] {
  if (query.from !== undefined && !/^\d{1,20}$/.test(query.from))
    throw new InvalidInput('from', "must be an earlier reading's position")
  return [...filterPairs(query)]
}

function nanoseconds(since: number): string {
  return String(BigInt(Math.round(checkedNumber(since, 'since', 0, 8.64e15))) * 1_000_000n)
}

/** Deploy tokens are good for machines and releases, and refused here. */
function explained(error: unknown): unknown {
  if (!(error instanceof FlyUnauthorizedError)) return error
  const { method, path, status, requestId } = error
  return new FlyUnauthorizedError(
    `${method} ${path}: Fly does not let this token read logs (401). Tokens of \`fly tokens create deploy\` are refused here; use one of \`fly tokens create org\` or \`readonly\``,
    { method, path, status, requestId, cause: error },
  )
}
