import type * as z from 'zod'
import { flyCall, type CallOptions, type FlyCall } from '../transport/call.ts'
import type { FlyRequest, Http } from '../transport/http.ts'
import { checkedId, checkedNonce } from '../transport/route.ts'
import { decode } from '../transport/schema.ts'
import type { Machine } from './machine.ts'

/** One app, seen by one client. */
export interface AppScope {
  readonly http: Http
  /** Checked. */
  readonly app: string
  /** Told what a whole list showed. */
  readonly listed?: ((machines: readonly Machine[]) => void) | undefined
}

/** What a request has beyond its address. */
export type RequestExtra = Partial<Omit<FlyRequest, 'service' | 'method' | 'route' | 'values'>>

/** A request to one machine, paced by action and machine. */
export function machineRequest(
  { app }: AppScope,
  method: FlyRequest['method'],
  id: string,
  action: string,
  extra: RequestExtra & { readonly values?: Readonly<Record<string, string>> } = {},
): FlyRequest {
  const machine = checkedId(id, 'machine')
  const by = method === 'GET' && action === '' ? 'getMachine' : 'action'
  return {
    service: 'machines',
    method,
    route: `/v1/apps/{app}/machines/{machine}${action}`,
    repeat: method === 'GET' ? 'always' : 'never',
    pace: { key: `${method} ${action} ${app}/${machine}`, by },
    ...extra,
    values: { app, machine, ...extra.values },
  }
}

/** Sends when called, and reads the answer by its schema. */
export function ask<Schema extends z.ZodType>(
  http: Http,
  request: () => FlyRequest,
  schema: Schema,
  options?: CallOptions,
): FlyCall<z.infer<Schema>> {
  return flyCall(async () => {
    const made = request()
    const answer = await http.send(made, options)
    return decode(schema, answer, aboutOf(made))
  })
}

export function aboutOf({ method, route, values }: FlyRequest): { method: string; path: string } {
  return { method, path: route.replaceAll(/\{(\w+)\}/g, (_, name: string) => values?.[name] ?? '') }
}

/** The header that a leased machine wants with every write. */
export function leaseHeader(nonce: string | undefined): Record<string, string | undefined> {
  return nonce === undefined ? {} : { 'fly-machine-lease-nonce': checkedNonce(nonce) }
}
