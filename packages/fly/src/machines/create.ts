import { createId, InvalidInput, retry } from '@firebreak/core'
import * as z from 'zod'
import { FlyConflictError, FlyNotFoundError } from '../errors/kinds.ts'
import type { Answered, CallOptions } from '../transport/call.ts'
import type { FlyRequest } from '../transport/http.ts'
import { isTransient, retryPolicy } from '../transport/retry-policy.ts'
import { checkedName, checkedNumber } from '../transport/route.ts'
import { decode } from '../transport/schema.ts'
import { machineSchema } from './machine-schema.ts'
import type { Machine, MachineConfig } from './machine.ts'
import { aboutOf, leaseHeader, machineRequest, type AppScope } from './scope.ts'

export interface NewMachine {
  /** Only `image` is mandatory. */
  readonly config: MachineConfig
  /** Unique in the app; made up by Fly when absent. */
  readonly name?: string | undefined
  readonly region?: string | undefined
  /** Does not boot it. */
  readonly skipLaunch?: boolean | undefined
  /** Starts it cordoned. */
  readonly skipServiceRegistration?: boolean | undefined
  readonly minSecretsVersion?: number | undefined
  /** Seconds; the answer then carries a nonce. */
  readonly leaseTtlSeconds?: number | undefined
}

/** Tells our create from everybody else's: Fly knows no idempotency key. */
const launchIdKey = 'firebreak_launch_id'

/** Sent again only after the list showed that the one before made no machine. */
export async function createMachine(
  scope: AppScope,
  machine: NewMachine,
  options: CallOptions = {},
): Promise<Answered<Machine>> {
  const { http } = scope
  const { clock, random } = http.settings
  if (typeof machine.config?.image !== 'string' || machine.config.image === '')
    throw new InvalidInput('config.image', 'is needed to create a machine')
  const launchId = createId(clock, random)
  const inApp: Pick<FlyRequest, 'service' | 'route' | 'values'> = {
    service: 'machines',
    route: '/v1/apps/{app}/machines',
    values: { app: scope.app },
  }
  const request: FlyRequest = {
    ...inApp,
    method: 'POST',
    repeat: 'never',
    pace: { key: `POST machines ${scope.app}`, by: 'action' },
    body: bodyOf(machine, launchId),
  }
  const about = aboutOf(request)

  return http.within(options, about, (signal) => {
    async function look(): Promise<Answered<Machine> | undefined> {
      const list: FlyRequest = {
        ...inApp,
        method: 'GET',
        repeat: 'always',
        query: [[`metadata.${launchIdKey}`, launchId]],
        pace: { key: `GET machines ${scope.app}`, by: 'action' },
      }
      const { data, ...rest } = decode(z.array(machineSchema), await http.send(list, { signal }), aboutOf(list))
      const made = data.find(({ config }) => config?.metadata?.[launchIdKey] === launchId)
      return made === undefined ? undefined : { ...rest, data: made }
    }
    async function attempt(number: number): Promise<Answered<Machine>> {
      const made = number > 1 ? await look() : undefined
      if (made !== undefined) return made
      try {
        return decode(machineSchema, await http.send({ ...request, attempt: number }, { signal, retry: false }), about)
      } catch (error) {
        const late = number > 1 && error instanceof FlyConflictError ? await look() : undefined
        if (late !== undefined) return late
        throw error
      }
    }
    return retry(attempt, {
      policy: retryPolicy(http.settings.retry, options.retry, isTransient),
      clock,
      random,
      signal,
    })
  })
}

/** `DELETE …?force=…`; gone already, after an attempt whose answer was lost, is what was wanted. */
export async function deleteMachine(
  scope: AppScope,
  id: string,
  options: CallOptions & { readonly force?: boolean | undefined; readonly nonce?: string | undefined } = {},
): Promise<Answered<void>> {
  const request = machineRequest(scope, 'DELETE', id, '', {
    repeat: 'always',
    query: options.force === true ? [['force', 'true']] : [],
    headers: leaseHeader(options.nonce),
  })
  try {
    return { ...(await scope.http.send(request, options)), data: undefined }
  } catch (error) {
    if (!(error instanceof FlyNotFoundError) || (error.attempts ?? 1) === 1) throw error
    return { data: undefined, response: new Response(null, { status: 404 }), requestId: error.requestId }
  }
}

function bodyOf(machine: NewMachine, launchId: string): Record<string, unknown> {
  const { config, name, region, skipLaunch, skipServiceRegistration, minSecretsVersion, leaseTtlSeconds } = machine
  return {
    config: { ...config, metadata: { ...config.metadata, [launchIdKey]: launchId } },
    ...(name === undefined ? {} : { name: checkedName(name, 'name') }),
    ...(region === undefined ? {} : { region: checkedName(region, 'region') }),
    ...(skipLaunch === undefined ? {} : { skip_launch: skipLaunch }),
    ...(skipServiceRegistration === undefined ? {} : { skip_service_registration: skipServiceRegistration }),
    ...(minSecretsVersion === undefined
      ? {}
      : { min_secrets_version: checkedNumber(minSecretsVersion, 'minSecretsVersion', 0, 1e12, true) }),
    ...(leaseTtlSeconds === undefined
      ? {}
      : { lease_ttl: checkedNumber(leaseTtlSeconds, 'leaseTtlSeconds', 1, 86_400, true) }),
  }
}
