import { InvalidInput } from '@firebreak/core'
import { appSchema } from './apps/app-details.ts'
import { flyApps, getRequest, type FlyApps } from './apps/apps.ts'
import { flyOrganizations, type FlyOrganizations } from './apps/organizations.ts'
import { flyRegions, type FlyRegions } from './apps/regions.ts'
import type { FlyApp } from './fly-app.ts'
import { readLogs } from './logs/logs.ts'
import type { Machine } from './machines/machine.ts'
import { flyMachines } from './machines/machines.ts'
import { ask, type AppScope } from './machines/scope.ts'
import { flyMetrics, type OrganizationOf } from './metrics/metrics.ts'
import { settingsFrom, type FlyOptions } from './options.ts'
import { flyReleases } from './releases/releases.ts'
import { flyScale } from './scale/scale.ts'
import { appStatus, checkRows } from './status/app-status.ts'
import { platformSchema, type PlatformStatus } from './status/platform-status.ts'
import { supportText } from './support/support-text.ts'
import type { CallOptions, FlyCall } from './transport/call.ts'
import { createHttp, type Http } from './transport/http.ts'
import { checkedName } from './transport/route.ts'

/** A client of Fly.io. Holds no connection and no timer; nothing needs closing. */
export interface Fly {
  /** Asks nothing yet. Throws `INVALID_INPUT` for what can be no app's name. */
  app(name: string): FlyApp
  readonly apps: FlyApps
  readonly organizations: FlyOrganizations
  readonly regions: FlyRegions
  /** `GET /api/v2/summary.json` of Fly's public status page. */
  platformStatus(options?: CallOptions): FlyCall<PlatformStatus>
}

/** Reads the environment as flyctl does, when it is called. Throws `INVALID_INPUT` without a usable token. */
export function createFly(options: FlyOptions = {}): Fly {
  const http = createHttp(settingsFrom(options))
  return {
    app: (name) => flyApp(http, name, options.organization),
    apps: flyApps(http),
    organizations: flyOrganizations(http),
    regions: flyRegions(http),
    platformStatus: (call) => platformStatus(http, call),
  }
}

function flyApp(http: Http, name: string, organization: string | undefined): FlyApp {
  let seen: readonly Machine[] = []
  const scope: AppScope = { http, app: checkedName(name, 'app'), listed: (machines) => void (seen = machines) }
  const get: FlyApp['get'] = (options) => ask(http, () => getRequest(scope.app), appSchema, options)
  const machines = flyMachines(scope)
  const releases = flyReleases(scope)
  const organizationSlug = organizationOf(get, organization)
  return {
    name: scope.app,
    clock: http.settings.clock,
    random: http.settings.random,
    get,
    machines,
    releases,
    metrics: flyMetrics(scope, organizationSlug),
    scale: flyScale(machines),
    logs: (query) => readLogs(scope, query),
    async status(options) {
      const [details, current, all] = await Promise.all([
        get(options),
        releases.current(options),
        machines.list(options),
      ])
      return appStatus(details, current, all)
    },
    checks: async ({ name: check, ...options } = {}) => checkRows(await machines.list(options), check),
    platformStatus: (options) => platformStatus(http, options),
    supportText() {
      const troubles = http.troubles.of(scope.app)
      return troubles === undefined
        ? undefined
        : supportText({ app: scope.app, organization: organizationSlug.known(), troubles, machines: seen })
    },
  }
}

function platformStatus(http: Http, options: CallOptions | undefined): FlyCall<PlatformStatus> {
  return ask(
    http,
    () => ({ service: 'status', method: 'GET', route: '/api/v2/summary.json', repeat: 'always' }),
    platformSchema,
    options,
  )
}

/** Asks once; a failure is asked again the next time. */
function organizationOf(
  get: FlyApp['get'],
  given: string | undefined,
): OrganizationOf & { known(): string | undefined } {
  let known = given === undefined ? undefined : checkedName(given, 'organization')
  let asking: Promise<string> | undefined
  const ask = async (options: CallOptions) => (known = checkedSlug((await get(options)).organization))

  async function organizationSlug(options: CallOptions): Promise<string> {
    if (known !== undefined) return known
    if (asking !== undefined) {
      const shared = await asking.catch(() => undefined) // whoever asked first may have given up: that is his affair
      return shared ?? ask(options)
    }
    asking = ask(options).finally(() => (asking = undefined))
    return asking
  }
  return Object.assign(organizationSlug, { known: () => known })
}

function checkedSlug(slug: string): string {
  if (slug === '') throw new InvalidInput('organization', 'Fly does not say whose app this is; pass it to createFly()')
  return checkedName(slug, 'organization')
}
