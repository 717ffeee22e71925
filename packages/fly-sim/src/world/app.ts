import type { JsonObject } from '@firebreak/core'
import type { Overlay } from '../behaviour.ts'
import type { SimApp } from '../options.ts'
import type { Machine } from './machine.ts'

export interface Organization {
  readonly id: string
  readonly internalNumericId: number
  readonly slug: string
  readonly name: string
}

export interface App {
  readonly id: string
  readonly internalNumericId: number
  readonly name: string
  readonly organization: Organization
  readonly network: string
  readonly createdAt: number
  readonly options: SimApp
  /** In order of creation. */
  readonly machines: Map<string, Machine>
  /** Oldest first. */
  readonly releases: Release[]
  readonly secrets: Map<string, Secret>
  readonly volumes: Map<string, Volume>
  readonly addresses: IpAssignment[]
  secretsVersion: number
  /** Laid over all machines' behaviour: a dead dependency. */
  overlay: Overlay | undefined
  lock: { readonly id: string; readonly expiresAt: number } | undefined
}

export interface Release {
  readonly id: string
  readonly version: number
  status: string
  readonly strategy: string
  readonly image: string
  readonly description: string
  readonly reason: string
  readonly user: string
  readonly definition: JsonObject
  metadata: JsonObject
  readonly createdAt: number
  updatedAt: number
}

export interface Secret {
  readonly name: string
  readonly digest: string
  readonly createdAt: number
  updatedAt: number
}

export interface Volume {
  readonly id: string
  readonly name: string
  readonly region: string
  readonly zone: string
  state: string
  sizeGb: number
  readonly encrypted: boolean
  snapshotRetention: number
  autoBackup: boolean
  readonly createdAt: number
  attachedMachineId: string | null
}

export interface IpAssignment {
  readonly ip: string
  readonly region: string
  readonly serviceName: string
  readonly shared: boolean
  readonly createdAt: number
}

/** Known, not gone. */
export function livingMachines(app: App): Machine[] {
  return [...app.machines.values()].filter((machine) => machine.state !== 'destroyed')
}
