import * as z from 'zod'
import { anyObject, flag, listOf, number, text, texts } from '../transport/schema.ts'
import type { CheckResult, Machine, MachineConfig, MachineEvent } from './machine.ts'

const config = z
  .custom<MachineConfig>()
  .transform((value) => (anyObject.safeParse(value).success ? value : undefined))
  .optional()

const checkResult = z.looseObject({ name: z.string(), status: z.string(), output: text, updated_at: text })

/** Checks that Fly injects for its own blue-green trials; every client drops them. */
const injected = /^bg_deployments_compat/

const checkResults = listOf(checkResult).transform((all): CheckResult[] =>
  all.filter((check) => !injected.test(check.name)),
)

export const machineEvent = z
  .looseObject({
    id: text,
    type: z.string(),
    status: text,
    source: text,
    timestamp: number,
    request: anyObject.nullish().catch(undefined),
  })
  .transform((event): MachineEvent => ({
    ...event,
    status: event.status ?? '',
    timestamp: event.timestamp ?? 0,
    request: event.request ?? undefined,
  }))

const imageRef = z
  .looseObject({ registry: text, repository: text, tag: text, digest: text, labels: texts })
  .nullish()
  .catch(undefined)
  .transform((value) => value ?? undefined)

const lease = z
  .looseObject({ owner: text, expires_at: number, description: text })
  .nullish()
  .catch(undefined)
  .transform((value) => value ?? undefined)

/** Demands the id alone: a host that cannot be reached leaves nearly everything else out. */
export const machineSchema = z
  .looseObject({
    id: z.string().min(1),
    name: text,
    state: text,
    region: text,
    instance_id: text,
    image_ref: imageRef,
    config,
    incomplete_config: config,
    host_status: text,
    cordoned: flag,
    private_ip: text,
    created_at: text,
    updated_at: text,
    events: listOf(machineEvent),
    checks: checkResults,
    nonce: text,
    lease,
  })
  .transform((machine) => ({
    ...machine,
    name: machine.name ?? '',
    state: machine.state ?? 'unknown',
    region: machine.region ?? '',
    instance_id: machine.instance_id ?? '',
  }))
  .transform((machine) => machine as Machine)
