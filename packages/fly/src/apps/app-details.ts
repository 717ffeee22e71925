import * as z from 'zod'
import { number, text } from '../transport/schema.ts'

/** An app as the Machines API tells it; fields that are not listed here are kept. */
export interface AppDetails {
  readonly id: string
  readonly name: string
  /** `pending`, `deployed` or `suspended`. */
  readonly status: string
  /** The organization's slug; empty in lists. */
  readonly organization: string
  readonly network?: string | undefined
  readonly machineCount?: number | undefined
  readonly volumeCount?: number | undefined
}

export const appSchema = z
  .looseObject({
    id: text,
    name: text,
    status: text,
    network: text,
    organization: z.looseObject({ slug: text }).nullish().catch(undefined),
    machine_count: number,
    volume_count: number,
  })
  .transform(({ id, name, status, network, organization, machine_count, volume_count }): AppDetails => ({
    id: id ?? '',
    name: name ?? '',
    status: status ?? '',
    organization: organization?.slug ?? '',
    network,
    machineCount: machine_count,
    volumeCount: volume_count,
  }))
