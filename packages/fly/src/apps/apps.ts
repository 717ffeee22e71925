import * as z from 'zod'
import { retry } from '@firebreak/core'
import { aboutOf, ask } from '../machines/scope.ts'
import { FlyNotFoundError } from '../errors/kinds.ts'
import { flyCall, type Answered, type CallOptions, type FlyCall } from '../transport/call.ts'
import type { FlyRequest, Http } from '../transport/http.ts'
import { flyList, type FlyList } from '../transport/list.ts'
import { isTransient, retryPolicy } from '../transport/retry-policy.ts'
import { checkedName } from '../transport/route.ts'
import { decode } from '../transport/schema.ts'
import { appSchema, type AppDetails } from './app-details.ts'

export interface NewApp {
  readonly name: string
  /** The organization's slug. */
  readonly organization: string
  readonly network?: string | undefined
}

export interface FlyApps {
  /** `GET /v1/apps` */
  list(query: CallOptions & { readonly organization: string }): FlyList<AppDetails>
  /** `GET /v1/apps/{app}`: `FLY_FORBIDDEN` when it belongs to others, `FLY_NOT_FOUND` when nobody has it. */
  get(name: string, options?: CallOptions): FlyCall<AppDetails>
  /** `POST /v1/apps`. Names are global: `FLY_NAME_TAKEN`. After a lost answer it looks before it repeats. */
  create(app: NewApp, options?: CallOptions): FlyCall<AppDetails>
  /** `DELETE /v1/apps/{app}`; with `force` also while machines run. */
  delete(name: string, options?: CallOptions & { readonly force?: boolean | undefined }): FlyCall<void>
}

const nothing = z
  .unknown()
  .optional()
  .transform(() => undefined)
const listAnswer = z.looseObject({ apps: z.array(appSchema) }).transform(({ apps }) => apps)

export function flyApps(http: Http): FlyApps {
  return {
    list: (query) =>
      flyList(async () => {
        const request: FlyRequest = {
          service: 'machines',
          method: 'GET',
          route: '/v1/apps',
          query: [['org_slug', checkedName(query.organization, 'organization')]],
          repeat: 'always',
          pace: { key: `GET apps ${query.organization}`, by: 'action' },
        }
        return decode(listAnswer, await http.send(request, query), aboutOf(request))
      }),
    get: (name, options) => ask(http, () => getRequest(name), appSchema, options),
    create: (app, options) => flyCall(() => createApp(http, app, options)),
    delete: (name, { force, ...options } = {}) =>
      ask(
        http,
        () => ({
          ...getRequest(name),
          method: 'DELETE',
          query: force === true ? [['force', 'true']] : [],
          pace: { key: `DELETE app ${name}`, by: 'action' },
        }),
        nothing,
        options,
      ),
  }
}

export function getRequest(name: string): FlyRequest {
  const app = checkedName(name, 'app')
  return {
    service: 'machines',
    method: 'GET',
    route: '/v1/apps/{app}',
    values: { app },
    repeat: 'always',
    pace: { key: `GET app ${app}`, by: 'action' },
  }
}

/**
 * The specification shows an empty answer, the documentation a short one: what was made is read back. After a lost answer
 * an app of that name which the token can read counts as made.
 */
async function createApp(http: Http, app: NewApp, options: CallOptions = {}): Promise<Answered<AppDetails>> {
  const name = checkedName(app.name, 'name')
  const body = {
    name,
    org_slug: checkedName(app.organization, 'organization'),
    ...(app.network === undefined ? {} : { network: app.network }),
  }
  const request: FlyRequest = {
    service: 'machines',
    method: 'POST',
    route: '/v1/apps',
    repeat: 'never',
    pace: { key: `POST apps ${body.org_slug}`, by: 'action' },
    body,
  }
  return http.within(options, aboutOf(request), async (signal) => {
    const read = async () => decode(appSchema, await http.send(getRequest(name), { signal }), aboutOf(getRequest(name)))
    const times = { clock: http.settings.clock, random: http.settings.random, signal }
    let made: Answered<AppDetails> | undefined
    await retry(
      async (number) => {
        if (number > 1) made = await read().catch(missing)
        if (made === undefined) await http.send({ ...request, attempt: number }, { signal, retry: false })
      },
      { ...times, policy: retryPolicy(http.settings.retry, options.retry, isTransient) },
    )
    // A new app is not known everywhere at once.
    return (
      made ??
      retry(read, {
        ...times,
        policy: retryPolicy(undefined, undefined, (error) => error instanceof FlyNotFoundError, { attempts: 8 }),
      })
    )
  })
}

function missing(error: unknown): undefined {
  if (error instanceof FlyNotFoundError) return undefined
  throw error
}
