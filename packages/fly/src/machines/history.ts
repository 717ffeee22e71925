import * as z from 'zod'
import type { Answered, CallOptions } from '../transport/call.ts'
import { checkedNumber } from '../transport/route.ts'
import { anyObject, decode, listOf } from '../transport/schema.ts'
import { machineEvent } from './machine-schema.ts'
import type { MachineConfig, MachineEvent } from './machine.ts'
import { aboutOf, machineRequest, type AppScope } from './scope.ts'

/** A version of a machine with its whole configuration as it was. */
export interface MachineVersion {
  readonly version: string
  readonly config: MachineConfig
}

const versions = z.array(
  z
    .looseObject({ version: z.string(), user_config: anyObject })
    .transform(({ version, user_config }): MachineVersion => ({ version, config: user_config as MachineConfig })),
)

/** Newest first; 50 at most. */
export async function listEvents(
  scope: AppScope,
  id: string,
  { limit, ...options }: CallOptions & { readonly limit?: number | undefined } = {},
): Promise<Answered<readonly MachineEvent[]>> {
  const query = [['limit', String(checkedNumber(limit ?? 20, 'limit', 1, 50, true))]] as const
  const request = machineRequest(scope, 'GET', id, '/events', { query })
  return decode(listOf(machineEvent), await scope.http.send(request, options), aboutOf(request))
}

/** Newest first: Fly documents no order, and its version ids sort by time. */
export async function listVersions(
  scope: AppScope,
  id: string,
  options: CallOptions = {},
): Promise<Answered<readonly MachineVersion[]>> {
  const request = machineRequest(scope, 'GET', id, '/versions')
  const { data, ...rest } = decode(versions, await scope.http.send(request, options), aboutOf(request))
  return { ...rest, data: data.toSorted((one, other) => (one.version < other.version ? 1 : -1)) }
}
