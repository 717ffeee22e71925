import type { JsonObject } from '@firebreak/core'
import type { App, Organization } from '../world/app.ts'
import { livingMachines } from '../world/app.ts'
import { listOf, textOf } from '../world/config.ts'
import { createApp, destroyApp } from '../world/create-app.ts'
import type { World } from '../world/world.ts'
import { rfc3339 } from '../world/world.ts'
import { appFor } from './access.ts'
import type { Handler } from './call.ts'
import { empty, json, objectBody } from './call.ts'
import { refuse } from './refusal.ts'

export function appHandlers(world: World): Readonly<Record<string, Handler>> {
  return {
    'apps.list'(call) {
      const slug = call.query.get('org_slug') ?? ''
      if (slug === '') throw refuse(400, 'invalid_argument: org_slug is required')
      if (slug !== call.caller.organization) throw refuse(404, 'organization not found')
      const apps = [...world.apps.values()].filter(
        ({ name, organization }) => organization.slug === slug && (call.caller.app ?? name) === name,
      )
      return json({ total_apps: apps.length, apps: apps.map(appObject) })
    },
    'apps.create'(call) {
      const body = objectBody(call)
      const name = textOf(body['name']) || textOf(body['app_name'])
      if (name === '') throw refuse(400, 'invalid_argument: name is required')
      const slug = textOf(body['org_slug']) || call.caller.organization
      if (slug !== call.caller.organization || call.caller.kind === 'deploy') throw refuse(403, 'unauthorized')
      const app = createApp(world, { name, organization: slug })
      return json({ ...appObject(app), created_at: app.createdAt }, 201)
    },
    'apps.get': (call) => json(appObject(appFor(world, call))),
    'apps.delete'(call) {
      const app = appFor(world, call)
      const running = livingMachines(app).some(({ state }) => state === 'started')
      if (running && call.query.get('force') === 'false')
        throw refuse(412, 'failed_precondition: app has running machines')
      destroyApp(world, app)
      return empty(202)
    },
    'apps.deployToken'(call) {
      const app = appFor(world, call)
      const token = `fm2_${world.ids.hex(40)}`
      world.tokens.add({ token, class: 'deploy', app: app.name, organization: app.organization.slug })
      return json({ token: `FlyV1 ${token}` })
    },
    'ips.list': (call) =>
      json({
        ips: appFor(world, call).addresses.map(({ ip, region, serviceName, shared, createdAt }) => ({
          ip,
          region,
          service_name: serviceName,
          shared,
          created_at: rfc3339(createdAt),
        })),
      }),
    'ips.assign'(call) {
      const app = appFor(world, call)
      const body = objectBody(call)
      const shared = textOf(body['type']) === 'shared_v4'
      const six = textOf(body['type']).includes('v6')
      const ip = six
        ? `2a09:8280:1::${world.ids.hex(4)}`
        : `137.66.${1 + Math.floor(world.random() * 250)}.${1 + Math.floor(world.random() * 250)}`
      const added = {
        ip,
        region: textOf(body['region']) || 'global',
        serviceName: textOf(body['service_name']),
        shared,
        createdAt: world.stamp(),
      }
      app.addresses.push(added)
      return json({
        ip,
        region: added.region,
        service_name: added.serviceName,
        shared,
        created_at: rfc3339(added.createdAt),
      })
    },
    'ips.release'(call) {
      const app = appFor(world, call)
      const index = app.addresses.findIndex(({ ip }) => ip === call.params['ip'])
      if (index < 0) throw refuse(404, 'not_found: ip not found')
      app.addresses.splice(index, 1)
      return empty(204)
    },
    'organizations.list': (call) =>
      json({ organizations: [organizationObject(ownOrganization(world, call.caller.organization))] }),
    'organizations.get'(call) {
      if (call.params['org'] !== call.caller.organization) throw refuse(404, 'organization not found')
      return json({ organization: organizationObject(ownOrganization(world, call.caller.organization)) })
    },
    /** A build that somebody else makes: `fly deploy --image` reports one even though there is nothing to build. */
    'builds.create': () => json({ id: 1, status: 'started', wallclock_time_ms: 0 }),
    'builds.finish': (call) =>
      json({ id: 1, status: textOf(objectBody(call)['status']) || 'completed', wallclock_time_ms: 0 }),
    'certificates.list': (call) => {
      appFor(world, call)
      return json({ certificates: listOf([]), total_count: 0 })
    },
  }
}

function ownOrganization(world: World, slug: string): Organization {
  return world.organizations.get(slug) ?? world.home
}

function appObject(app: App): JsonObject {
  const machines = livingMachines(app)
  return {
    id: app.id,
    name: app.name,
    internal_numeric_id: app.internalNumericId,
    network: app.network,
    status: machines.length > 0 ? 'deployed' : 'pending',
    machine_count: machines.length,
    volume_count: app.volumes.size,
    cname_target: `${app.id}.${app.name}.fly.dev`,
    app_role: '',
    organization: {
      name: app.organization.name,
      slug: app.organization.slug,
      internal_numeric_id: app.organization.internalNumericId,
    },
  }
}

function organizationObject(organization: Organization): JsonObject {
  return {
    id: organization.id,
    internal_numeric_id: organization.internalNumericId,
    slug: organization.slug,
    raw_slug: organization.slug,
    name: organization.name,
    paid_plan: true,
    personal: organization.slug === 'personal',
    billing_status: 'CURRENT',
    billable: true,
    provisions_beta_extensions: false,
    remote_builder_image: '',
  }
}
