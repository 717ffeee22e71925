import { InvalidInput } from '@firebreak/core'
import { appSchema } from './app-details.ts'
import type { FlyApp } from './fly-app.ts'
import { flyMachines } from './machines/machines.ts'
import { ask, type AppScope } from './machines/scope.ts'
import { flyMetrics, type OrganizationOf } from './metrics/metrics.ts'
import { settingsFrom, type FlyOptions } from './options.ts'
import { platformSchema } from './platform-status.ts'
import { flyReleases } from './releases/releases.ts'
import type { CallOptions } from './transport/call.ts'
import { createHttp, type FlyRequest, type Http } from './transport/http.ts'
import { checkedName } from './transport/route.ts'

/** A client of Fly.io. Holds no connection and no timer; nothing needs closing. */
export interface Fly {
  app(name: string): FlyApp
}

/** Reads the environment as flyctl does, when it is called. Throws `INVALID_INPUT` without a usable token. */
export function createFly(options: FlyOptions = {}): Fly {
  const http = createHttp(settingsFrom(options))
  return { app: (name) => flyApp(http, name, options.organization) }
}

function flyApp(http: Http, name: string, organization: string | undefined): FlyApp {
  const scope: AppScope = { http, app: checkedName(name, 'app') }
  const request = (): FlyRequest => ({
    service: 'machines',
    method: 'GET',
    route: '/v1/apps/{app}',
    values: { app: scope.app },
    repeat: 'always',
    pace: { key: `GET app ${scope.app}`, by: 'action' },
  })
  const get: FlyApp['get'] = (options) => ask(http, request, appSchema, options)
  return {
    name: scope.app,
    clock: http.settings.clock,
    random: http.settings.random,
    get,
    machines: flyMachines(scope),
    releases: flyReleases(scope),
    metrics: flyMetrics(scope, organizationOf(get, organization)),
    platformStatus: (options) =>
      ask(
        http,
        () => ({ service: 'status', method: 'GET', route: '/api/v2/summary.json', repeat: 'always' }),
        platformSchema,
        options,
      ),
  }
}

/** Asks once; a failure is asked again the next time. */
function organizationOf(get: FlyApp['get'], given: string | undefined): OrganizationOf {
  let known = given === undefined ? undefined : checkedName(given, 'organization')
  return async (options: CallOptions) => {
    known ??= checkedSlug((await get(options)).organization)
    return known
  }
}

function checkedSlug(slug: string): string {
  if (slug === '') throw new InvalidInput('organization', 'Fly does not say whose app this is; pass it to createFly()')
  return checkedName(slug, 'organization')
}
