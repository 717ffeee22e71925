import { InvalidInput, systemClock, systemRandom, type Clock, type Random, type Teller } from '@firebreak/core'
import type { CallOptions } from './transport/call.ts'
import type { HttpSettings } from './transport/http.ts'
import { createPacer, flyPacing, type Pacing } from './transport/pacing.ts'
import { checkedNumber } from './transport/route.ts'
import { authorizationFor, parseTokens, tokenHider, type FlyService } from './transport/token.ts'

/** Everything has the default that flyctl has; the environment is read when `createFly` is called, never before. */
export interface FlyOptions {
  /** Default `FLY_ACCESS_TOKEN`, then `FLY_API_TOKEN`. Macaroons and OAuth tokens, with or without their scheme. */
  readonly token?: string | undefined
  /** The Machines API, without `/v1`. Default `FLY_FLAPS_BASE_URL`, then `https://api.machines.dev`. */
  readonly machinesUrl?: string | undefined
  /** GraphQL, logs and Prometheus. Default `FLY_API_BASE_URL`, then `https://api.fly.io`. */
  readonly apiUrl?: string | undefined
  /** Releases over REST. Default `FLY_UIEX_BASE_URL`, then `apiUrl`. */
  readonly releasesUrl?: string | undefined
  /** The public status page. Default `https://status.flyio.net`; with another `apiUrl` than Fly's own, that one. */
  readonly statusUrl?: string | undefined
  /** The organization's slug, for Prometheus and lists. Without it, it is asked for with the app. */
  readonly organization?: string | undefined
  readonly fetch?: typeof fetch | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  /** Told `fly.requested` for every attempt, without the token. */
  readonly bus?: Teller | undefined
  /** Default: 4 attempts, 0.5 s doubling to 8 s, within 120 s. */
  readonly retry?: CallOptions['retry']
  readonly userAgent?: string | undefined
  /** Longest single attempt, in milliseconds. Default 15 s. */
  readonly attemptTimeoutMs?: number | undefined
  /** Longest answer that is read, in bytes after decompression. Default 8 MiB. */
  readonly maxResponseBytes?: number | undefined
  /** Default: Fly's own limits. `false` sends at once. */
  readonly pacing?: Partial<Pacing> | false | undefined
}

const flyApi = 'https://api.fly.io'
const flyStatus = 'https://status.flyio.net'

export function settingsFrom(options: FlyOptions): HttpSettings {
  const { env } = process
  const clock = options.clock ?? systemClock
  const tokens = parseTokens(options.token ?? (env['FLY_ACCESS_TOKEN'] || env['FLY_API_TOKEN']))
  const api = address(options.apiUrl ?? (env['FLY_API_BASE_URL'] || flyApi), 'apiUrl')
  const machines = address(
    options.machinesUrl ?? (env['FLY_FLAPS_BASE_URL'] || 'https://api.machines.dev'),
    'machinesUrl',
  )
  const releases = address(options.releasesUrl ?? (env['FLY_UIEX_BASE_URL'] || api), 'releasesUrl')
  const status = address(options.statusUrl ?? (api === flyApi ? flyStatus : api), 'statusUrl')
  const urls: Record<FlyService, string> = { machines, graphql: api, releases, logs: api, metrics: api, status }
  return {
    urls,
    authorization: (service) => authorizationFor(service, tokens),
    hide: tokenHider(tokens),
    fetch: options.fetch ?? globalThis.fetch,
    clock,
    random: options.random ?? systemRandom,
    bus: options.bus,
    retry: options.retry,
    userAgent: options.userAgent ?? 'firebreak',
    attemptTimeoutMs: checkedNumber(options.attemptTimeoutMs ?? 15_000, 'attemptTimeoutMs', 1, 600_000),
    maxResponseBytes: checkedNumber(options.maxResponseBytes ?? 8 * 1024 * 1024, 'maxResponseBytes', 1, 2 ** 30),
    pacing: pacingFrom(options.pacing),
    pacer: createPacer(clock),
  }
}

function pacingFrom(given: FlyOptions['pacing']): Pacing | false {
  if (given === false) return false
  const pacing = { ...flyPacing, ...given }
  for (const [kind, pace] of Object.entries(pacing)) {
    checkedNumber(pace.perSecond, `pacing.${kind}.perSecond`, 0.001, 1_000_000)
    checkedNumber(pace.burst, `pacing.${kind}.burst`, 1, 1_000_000)
  }
  return pacing
}

function address(text: string, option: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new InvalidInput(option, 'must be an http or https address')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new InvalidInput(option, 'must be a plain address, without user, query or fragment')
  return (url.origin + url.pathname).replace(/\/+$/, '')
}
