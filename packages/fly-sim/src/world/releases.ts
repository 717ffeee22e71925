import type { JsonObject } from '@firebreak/core'
import type { App, Release } from './app.ts'
import type { World } from './world.ts'

export interface ReleaseOrder {
  readonly image: string
  readonly strategy: string
  readonly definition: JsonObject
  readonly user: string
  readonly status?: string | undefined
  readonly description?: string | undefined
  readonly createdAt?: number | undefined
}

/** Statuses after which nothing is written any more. */
const final = new Set(['complete', 'failed', 'interrupted', 'succeeded', 'cancelled', 'dead'])

/** The version counts up whatever becomes of the deploy. One store behind GraphQL and REST. */
export function addRelease(world: World, app: App, order: ReleaseOrder): Release {
  const createdAt = order.createdAt ?? world.stamp()
  const release: Release = {
    id: `rel_${world.ids.hex(16)}`,
    version: (app.releases.at(-1)?.version ?? 0) + 1,
    status: order.status ?? 'pending',
    strategy: order.strategy,
    image: order.image,
    description: order.description ?? 'Release',
    reason: 'Deploy image',
    user: order.user,
    definition: order.definition,
    metadata: {},
    createdAt,
    updatedAt: createdAt,
  }
  app.releases.push(release)
  return release
}

export function isFinal(release: Release): boolean {
  return final.has(release.status)
}

export function findRelease(world: World, id: string): { readonly app: App; readonly release: Release } | undefined {
  for (const app of world.apps.values()) {
    const release = app.releases.find((it) => it.id === id)
    if (release !== undefined) return { app, release }
  }
  return undefined
}
