import * as z from 'zod'
import type { CallOptions } from '../transport/call.ts'
import type { FlyRequest } from '../transport/http.ts'
import { flyList, type FlyList } from '../transport/list.ts'
import { checkedName } from '../transport/route.ts'
import { decode } from '../transport/schema.ts'
import { machineSchema } from './machine-schema.ts'
import type { Machine } from './machine.ts'
import { aboutOf, type AppScope } from './scope.ts'

/** Which machines of an app. */
export interface MachineQuery extends CallOptions {
  readonly region?: string | undefined
  readonly state?: string | readonly string[] | undefined
  /** Also destroyed ones. */
  readonly includeDeleted?: boolean | undefined
  /** Adds who holds a lease, and until when. */
  readonly includeLeases?: boolean | undefined
  /** Leaves configuration, checks and events out. */
  readonly summary?: boolean | undefined
  /** Exact matches, all of them. */
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

export function listMachines(scope: AppScope, query: MachineQuery): FlyList<Machine> {
  return flyList(async () => {
    const request: FlyRequest = {
      service: 'machines',
      method: 'GET',
      route: '/v1/apps/{app}/machines',
      values: { app: scope.app },
      query: [...filters(query)],
      repeat: 'always',
      pace: { key: `GET machines ${scope.app}`, by: 'action' },
    }
    const answer = decode(z.array(machineSchema), await scope.http.send(request, query), aboutOf(request))
    if (isWhole(query)) scope.listed?.(answer.data)
    return answer
  })
}

function isWhole({ region, state, metadata, includeDeleted }: MachineQuery): boolean {
  return region === undefined && state === undefined && metadata === undefined && includeDeleted !== true
}

function* filters(query: MachineQuery): Generator<readonly [string, string]> {
  if (query.includeDeleted === true) yield ['include_deleted', 'true']
  if (query.includeLeases === true) yield ['include_leases', 'true']
  if (query.summary === true) yield ['summary', 'true']
  if (query.region !== undefined) yield ['region', checkedName(query.region, 'region')]
  const states = query.state === undefined ? [] : [query.state].flat()
  if (states.length > 0) yield ['state', states.map((state) => checkedName(state, 'state')).join(',')]
  for (const [key, value] of Object.entries(query.metadata ?? {})) yield [`metadata.${key}`, value]
}
