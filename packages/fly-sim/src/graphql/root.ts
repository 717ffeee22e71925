import type { Json } from '@firebreak/core'
import { appFor } from '../api/access.ts'
import type { Call } from '../api/call.ts'
import { Refusal, refuse } from '../api/refusal.ts'
import type { App } from '../world/app.ts'
import { objectOf, textOf } from '../world/config.ts'
import { parseReference } from '../world/registry.ts'
import { addRelease, findRelease, isFinal } from '../world/releases.ts'
import { createApp, destroyApp } from '../world/create-app.ts'
import { regions } from '../world/regions.ts'
import { setSecrets } from '../world/secrets.ts'
import type { World } from '../world/world.ts'
import type { Arguments } from './execute.ts'
import { appNode, connection, lockNode, organizationNode, releaseNode } from './nodes.ts'
import type { Node, NodesContext } from './nodes.ts'

const lockMs = 15 * 60_000

export function queryRoot(world: World, call: Call): Node {
  const context: NodesContext = { world, viewer: call.caller.user }
  const own = () =>
    [...world.apps.values()].filter(
      ({ name, organization }) => organization.slug === call.caller.organization && (call.caller.app ?? name) === name,
    )
  const home = () => world.organizations.get(call.caller.organization) ?? world.home
  return {
    __typename: 'Queries',
    app: ({ name, internalId }: Arguments) =>
      appNode(context, findApp(world, call, textOf(name) || textOf(internalId))),
    apps: ({ first }: Arguments) =>
      connection(
        own()
          .slice(0, typeof first === 'number' ? first : 200)
          .map((app) => appNode(context, app)),
      ),
    appNameAvailable: ({ name }: Arguments) => !world.apps.has(textOf(name)),
    canPerformBluegreenDeployment: ({ name }: Arguments) => findApp(world, call, textOf(name)).volumes.size === 0,
    organization: ({ slug, id }: Arguments) => {
      const found = [...world.organizations.values()].find((it) => it.slug === slug || it.id === id)
      if (found === undefined || found.slug !== call.caller.organization)
        throw refuse(404, 'Could not find Organization')
      return organizationNode(context, found)
    },
    organizations: () => connection([organizationNode(context, home())]),
    personalOrganization: () => organizationNode(context, home()),
    viewer: {
      __typename: 'User',
      id: 'user_1',
      email: call.caller.user,
      name: call.caller.user.split('@')[0],
      enablePaidHobby: true,
    },
    // What the real one says of every repository that is not Fly's own.
    latestImageDetails: ({ image }: Arguments) => {
      throw refuse(422, `Unknown repository "${parseReference(textOf(image)).repository}"`)
    },
    latestImageTag: ({ repository }: Arguments) => `${textOf(repository)}:latest`,
    platform: { requestRegion: 'iad', regions, vmSizes: [] },
    nearestRegion: regions[0],
    machine: null,
    addOns: connection([]),
  }
}

export function mutationRoot(world: World, call: Call): Node {
  const context: NodesContext = { world, viewer: call.caller.user }
  const withInput =
    (act: (input: Readonly<Record<string, Json | undefined>>) => Node) =>
    (args: Arguments): Node => {
      if (call.caller.kind === 'readonly') throw new Refusal(403, 'Not authorized to do this', 'UNAUTHORIZED')
      return act({ ...args, ...objectOf(args['input']) })
    }
  const appOf = (input: Arguments): App => findApp(world, call, textOf(input['appId']) || textOf(input['appName']))
  return {
    __typename: 'Mutations',
    createRelease: withInput((input) => {
      const app = appOf(input)
      const release = addRelease(world, app, {
        image: textOf(input['image']),
        strategy: textOf(input['strategy']) || 'ROLLING',
        definition: objectOf(input['definition']),
        user: call.caller.user,
      })
      return { release: releaseNode(context, release), app: appNode(context, app) }
    }),
    updateRelease: withInput((input) => {
      const found = findRelease(world, textOf(input['releaseId']))
      if (found === undefined) throw refuse(404, 'Could not find Release')
      const { release } = found
      findApp(world, call, found.app.name)
      const status = textOf(input['status'])
      if (status !== '' && isFinal(release) && status !== release.status)
        throw refuse(422, 'Release has already finished')
      if (status !== '') release.status = status
      release.metadata = { ...release.metadata, ...objectOf(input['metadata']) }
      release.updatedAt = world.stamp()
      return { release: releaseNode(context, release) }
    }),
    lockApp: withInput((input) => {
      const app = appOf(input)
      if (app.lock !== undefined && app.lock.expiresAt > world.agenda.now()) throw refuse(409, 'App is already locked')
      app.lock = { id: world.ids.ulid(world.stamp()), expiresAt: world.agenda.now() + lockMs }
      return lockNode(app.lock)
    }),
    unlockApp: withInput((input) => {
      const app = appOf(input)
      if (app.lock !== undefined && app.lock.id !== input['lockId']) throw refuse(409, 'App is locked by somebody else')
      app.lock = undefined
      return { app: appNode(context, app) }
    }),
    createApp: withInput((input) => ({
      app: appNode(context, createApp(world, { name: textOf(input['name']), organization: call.caller.organization })),
    })),
    deleteApp: withInput((input) => {
      const app = appOf(input)
      destroyApp(world, app)
      return { organization: organizationNode(context, app.organization) }
    }),
    setSecrets: withInput((input) => {
      const app = appOf(input)
      const list = Array.isArray(input['secrets']) ? (input['secrets'] as readonly Json[]).map(objectOf) : []
      setSecrets(world, app, Object.fromEntries(list.map((secret) => [textOf(secret['key']), textOf(secret['value'])])))
      return { app: appNode(context, app), release: null }
    }),
  }
}

/** GraphQL says 404 in its own words, and nothing of whether somebody else has the name. */
function findApp(world: World, call: Call, name: string): App {
  try {
    return appFor(world, call, name)
  } catch (error) {
    if (error instanceof Refusal) throw new Refusal(404, `Could not find App "${name}"`, 'NOT_FOUND')
    throw error
  }
}
