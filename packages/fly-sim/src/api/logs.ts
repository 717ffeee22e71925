import type { JsonObject } from '@firebreak/core'
import type { LogEntry } from '../world/logs.ts'
import type { World } from '../world/world.ts'
import { appFor } from './access.ts'
import type { Handler } from './call.ts'
import { json } from './call.ts'
import { refuse } from './refusal.ts'

/** Pages of at most 100 entries; the token is the time of the last one, in nanoseconds. */
export function logHandlers(world: World): Readonly<Record<string, Handler>> {
  return {
    'logs.page'(call) {
      if (call.caller.kind === 'deploy') throw refuse(401, 'unauthorized')
      const app = appFor(world, call)
      const token = call.query.get('next_token') ?? ''
      if (token !== '' && !/^\d{1,20}$/.test(token)) throw refuse(422, 'next_token is invalid')
      const instance = call.query.get('instance') ?? ''
      const region = call.query.get('region') ?? ''
      const entries = world.logs.page(app.name, {
        after: token === '' ? undefined : BigInt(token),
        instance: instance === '' ? undefined : instance,
        region: region === '' ? undefined : region,
      })
      const last = entries.at(-1)
      return json({
        data: entries.map(entryObject),
        meta: { next_token: last === undefined ? token : String(last.nanoseconds) },
      })
    },
  }
}

function entryObject(entry: LogEntry): JsonObject {
  const { id, nanoseconds, message, level, instance, region, provider, status, method, url, code } = entry
  const http =
    status === undefined
      ? {}
      : { http: { request: { id: '', method: method ?? 'GET', version: 'h2' }, response: { status_code: status } } }
  return {
    id,
    type: 'log',
    attributes: {
      timestamp: nanoTimestamp(nanoseconds),
      message,
      level,
      instance,
      region,
      meta: {
        instance,
        region,
        event: { provider },
        ...http,
        ...(code === undefined ? {} : { error: { code, message } }),
        ...(url === undefined ? {} : { url: { full: url } }),
      },
    },
  }
}

function nanoTimestamp(nanoseconds: bigint): string {
  const milliseconds = Number(nanoseconds / 1_000_000n)
  const rest = String(nanoseconds % 1_000_000_000n).padStart(9, '0')
  return `${new Date(milliseconds).toISOString().slice(0, 19)}.${rest}Z`
}
