import type { JsonObject } from '@firebreak/core'
import { objectOf, textOf } from '../world/config.ts'
import type { Release } from '../world/app.ts'
import { addRelease, findRelease, isFinal } from '../world/releases.ts'
import type { World } from '../world/world.ts'
import { rfc3339 } from '../world/world.ts'
import { appFor } from './access.ts'
import type { Handler } from './call.ts'
import { json, objectBody } from './call.ts'
import { refuse } from './refusal.ts'

/** The releases that `fly deploy` writes, over REST. The same store as GraphQL's. */
export function releaseHandlers(world: World): Readonly<Record<string, Handler>> {
  return {
    'releases.create'(call) {
      const body = objectBody(call)
      const app = appFor(world, call, textOf(body['app_name']))
      const image = textOf(body['image'])
      if (image === '') throw refuse(422, 'image is required')
      const strategy = textOf(body['strategy']).toUpperCase() || 'ROLLING'
      const release = addRelease(world, app, {
        image,
        strategy,
        definition: objectOf(body['definition']),
        user: call.caller.user,
        ...(textOf(body['description']) === '' ? {} : { description: textOf(body['description']) }),
      })
      return json({ release: releaseObject(release) }, 201)
    },
    'releases.update'(call) {
      const found = findRelease(world, call.params['release'] ?? '')
      if (found === undefined) throw refuse(404, 'release not found')
      appFor(world, call, found.app.name)
      const { release } = found
      const body = objectBody(call)
      const status = textOf(body['status'])
      if (status !== '' && isFinal(release) && status !== release.status)
        throw refuse(422, 'release has already finished')
      if (status !== '') release.status = status
      release.metadata = { ...release.metadata, ...objectOf(body['metadata']) }
      release.updatedAt = world.stamp()
      return json(releaseObject(release))
    },
    'releases.list'(call) {
      const app = appFor(world, call)
      const limit = Math.max(1, Number(call.query.get('limit') ?? 25) || 25)
      return json({ releases: app.releases.slice(-limit).reverse().map(releaseObject) })
    },
    'releases.current'(call) {
      const release = appFor(world, call).releases.at(-1)
      if (release === undefined) throw refuse(404, 'no release')
      return json(releaseObject(release))
    },
    'releases.allCurrent'(call) {
      const current = [...world.apps.values()].flatMap((app) => {
        const release = app.releases.at(-1)
        if (app.organization.slug !== call.caller.organization || release === undefined) return []
        return [[app.name, rfc3339(release.createdAt)] as const]
      })
      return json(Object.fromEntries(current))
    },
  }
}

function releaseObject(release: Release): JsonObject {
  return {
    id: release.id,
    version: release.version,
    stable: release.status === 'complete',
    in_progress: !isFinal(release),
    status: release.status,
    strategy: release.strategy,
    user: release.user,
    created_at: rfc3339(release.createdAt),
    image_ref: release.image,
    metadata: release.metadata,
  }
}
