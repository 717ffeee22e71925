import type { JsonObject } from '@firebreak/core'
import type { Secret } from '../world/app.ts'
import { objectOf } from '../world/config.ts'
import { setSecrets } from '../world/secrets.ts'
import type { World } from '../world/world.ts'
import { rfc3339 } from '../world/world.ts'
import { appFor } from './access.ts'
import type { Handler } from './call.ts'
import { json, objectBody } from './call.ts'
import { refuse } from './refusal.ts'

/** Names and digests only: values go in and never come out. */
export function secretHandlers(world: World): Readonly<Record<string, Handler>> {
  return {
    'secrets.list'(call) {
      const app = appFor(world, call)
      const least = Number(call.query.get('min_version') ?? 0)
      if (least > app.secretsVersion)
        throw refuse(412, `failed_precondition: secrets version ${least} is not available yet`)
      return json({ secrets: [...app.secrets.values()].map(secretObject) })
    },
    'secrets.get'(call) {
      const secret = appFor(world, call).secrets.get(call.params['secret'] ?? '')
      if (secret === undefined) throw refuse(404, 'not_found: secret not found')
      return json(secretObject(secret))
    },
    'secrets.setMany'(call) {
      const app = appFor(world, call)
      const values = objectOf(objectBody(call)['values'])
      const bad = Object.values(values).find((value) => value !== null && typeof value !== 'string')
      if (bad !== undefined) throw refuse(400, 'invalid_argument: values must be strings or null')
      const version = setSecrets(world, app, values as Record<string, string | null>)
      return json({ secrets: [...app.secrets.values()].map(secretObject), ...versions(version) })
    },
    'secrets.set'(call) {
      const app = appFor(world, call)
      const name = call.params['secret'] ?? ''
      const { value } = objectBody(call)
      if (typeof value !== 'string') throw refuse(400, 'invalid_argument: value is required')
      const version = setSecrets(world, app, { [name]: value })
      return json({ ...secretObject(app.secrets.get(name)!), ...versions(version) }, 201)
    },
    'secrets.delete'(call) {
      const app = appFor(world, call)
      const name = call.params['secret'] ?? ''
      if (!app.secrets.has(name)) throw refuse(404, 'not_found: secret not found')
      return json(versions(setSecrets(world, app, { [name]: null })))
    },
  }
}

/** The specification has both spellings, the second one deprecated. */
function versions(version: number): JsonObject {
  return { version, Version: version }
}

function secretObject({ name, digest, createdAt, updatedAt }: Secret): JsonObject {
  return { name, digest, created_at: rfc3339(createdAt), updated_at: rfc3339(updatedAt) }
}
