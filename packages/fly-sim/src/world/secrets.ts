import { digestOf } from '../ids.ts'
import type { App, Secret } from './app.ts'
import type { World } from './world.ts'

/** Sets what has a value, removes what is null. Machines keep what they were started with until they are updated. */
export function setSecrets(world: World, app: App, values: Readonly<Record<string, string | null>>): number {
  const now = world.stamp()
  for (const [name, value] of Object.entries(values)) {
    if (value === null) {
      app.secrets.delete(name)
      continue
    }
    const digest = digestOf(`${app.name}/${name}/${value}`).slice(7, 23)
    const known = app.secrets.get(name)
    const secret: Secret = { name, digest, createdAt: known?.createdAt ?? now, updatedAt: now }
    app.secrets.set(name, secret)
  }
  app.secretsVersion += 1
  return app.secretsVersion
}
