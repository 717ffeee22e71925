import type { World } from '../world/world.ts'
import { graphqlHandler } from '../graphql/handler.ts'
import { appHandlers } from './apps.ts'
import type { Handler } from './call.ts'
import { leaseHandlers } from './leases.ts'
import { logHandlers } from './logs.ts'
import { machineReads } from './machines-read.ts'
import { machineWrites } from './machines-write.ts'
import { memoryHandlers } from './memory.ts'
import { metadataHandlers } from './metadata.ts'
import { platformHandlers } from './platform.ts'
import { prometheusHandlers } from './prometheus.ts'
import { releaseHandlers } from './releases.ts'
import { createRouter } from './router.ts'
import type { Router, Surface } from './router.ts'
import { secretHandlers } from './secrets.ts'
import { statuspageHandlers } from './statuspage.ts'
import type { PlatformStatus } from './statuspage.ts'
import { volumeHandlers } from './volumes.ts'

const app = '/v1/apps/{app}'
const machine = `${app}/machines/{machine}`
const prometheus = '/prometheus/{org}/api/v1'

/** Method, path, operation: the whole of Fly's surface that is simulated. */
const table: readonly (readonly [Surface, string, string, string])[] = [
  ['machines', 'GET', '/v1/apps', 'apps.list'],
  ['machines', 'POST', '/v1/apps', 'apps.create'],
  ['machines', 'GET', app, 'apps.get'],
  ['machines', 'DELETE', app, 'apps.delete'],
  ['machines', 'POST', `${app}/deploy_token`, 'apps.deployToken'],
  ['machines', 'GET', `${app}/ip_assignments`, 'ips.list'],
  ['machines', 'POST', `${app}/ip_assignments`, 'ips.assign'],
  ['machines', 'DELETE', `${app}/ip_assignments/{ip}`, 'ips.release'],
  ['machines', 'GET', `${app}/certificates`, 'certificates.list'],
  ['machines', 'GET', `${app}/machines`, 'machines.list'],
  ['machines', 'POST', `${app}/machines`, 'machines.create'],
  ['machines', 'GET', machine, 'machines.get'],
  ['machines', 'POST', machine, 'machines.update'],
  ['machines', 'DELETE', machine, 'machines.delete'],
  ['machines', 'POST', `${machine}/start`, 'machines.start'],
  ['machines', 'POST', `${machine}/stop`, 'machines.stop'],
  ['machines', 'POST', `${machine}/suspend`, 'machines.suspend'],
  ['machines', 'POST', `${machine}/restart`, 'machines.restart'],
  ['machines', 'POST', `${machine}/signal`, 'machines.signal'],
  ['machines', 'POST', `${machine}/exec`, 'machines.exec'],
  ['machines', 'GET', `${machine}/ps`, 'machines.ps'],
  ['machines', 'GET', `${machine}/wait`, 'machines.wait'],
  ['machines', 'GET', `${machine}/memory`, 'memory.get'],
  ['machines', 'PUT', `${machine}/memory`, 'memory.set'],
  ['machines', 'POST', `${machine}/memory/reclaim`, 'memory.reclaim'],
  ['machines', 'POST', `${machine}/cordon`, 'machines.cordon'],
  ['machines', 'POST', `${machine}/uncordon`, 'machines.uncordon'],
  ['machines', 'GET', `${machine}/events`, 'machines.events'],
  ['machines', 'GET', `${machine}/versions`, 'machines.versions'],
  ['machines', 'GET', `${machine}/metadata`, 'metadata.get'],
  ['machines', 'PUT', `${machine}/metadata`, 'metadata.replace'],
  ['machines', 'PATCH', `${machine}/metadata`, 'metadata.merge'],
  ['machines', 'GET', `${machine}/metadata/{key}`, 'metadata.getKey'],
  ['machines', 'POST', `${machine}/metadata/{key}`, 'metadata.setKey'],
  ['machines', 'DELETE', `${machine}/metadata/{key}`, 'metadata.deleteKey'],
  ['machines', 'POST', `${machine}/lease`, 'leases.acquire'],
  ['machines', 'GET', `${machine}/lease`, 'leases.get'],
  ['machines', 'DELETE', `${machine}/lease`, 'leases.release'],
  ['machines', 'GET', `${app}/volumes`, 'volumes.list'],
  ['machines', 'POST', `${app}/volumes`, 'volumes.create'],
  ['machines', 'GET', `${app}/volumes/{volume}`, 'volumes.get'],
  ['machines', 'PUT', `${app}/volumes/{volume}`, 'volumes.update'],
  ['machines', 'DELETE', `${app}/volumes/{volume}`, 'volumes.delete'],
  ['machines', 'PUT', `${app}/volumes/{volume}/extend`, 'volumes.extend'],
  ['machines', 'GET', `${app}/volumes/{volume}/snapshots`, 'volumes.snapshots'],
  ['machines', 'POST', `${app}/volumes/{volume}/snapshots`, 'volumes.snapshot'],
  ['machines', 'GET', `${app}/secrets`, 'secrets.list'],
  ['machines', 'POST', `${app}/secrets`, 'secrets.setMany'],
  ['machines', 'GET', `${app}/secrets/{secret}`, 'secrets.get'],
  ['machines', 'POST', `${app}/secrets/{secret}`, 'secrets.set'],
  ['machines', 'DELETE', `${app}/secrets/{secret}`, 'secrets.delete'],
  ['machines', 'GET', '/v1/orgs/{org}/machines', 'organizations.machines'],
  ['machines', 'GET', '/v1/platform/regions', 'platform.regions'],
  ['machines', 'POST', '/v1/platform/placements', 'platform.placements'],
  ['machines', 'GET', '/v1/tokens/current', 'tokens.current'],
  ['rest', 'POST', '/api/v1/releases', 'releases.create'],
  ['rest', 'PATCH', '/api/v1/releases/{release}', 'releases.update'],
  ['rest', 'GET', '/api/v1/releases/all_current', 'releases.allCurrent'],
  ['rest', 'GET', '/api/v1/apps/{app}/releases', 'releases.list'],
  ['rest', 'GET', '/api/v1/apps/{app}/releases/current', 'releases.current'],
  ['rest', 'GET', '/api/v1/organizations', 'organizations.list'],
  ['rest', 'GET', '/api/v1/organizations/{org}', 'organizations.get'],
  ['rest', 'POST', '/api/v1/builds', 'builds.create'],
  ['rest', 'POST', '/api/v1/builds/finish', 'builds.finish'],
  ['logs', 'GET', '/api/v1/apps/{app}/logs', 'logs.page'],
  ['graphql', 'POST', '/graphql', 'graphql'],
  ['prometheus', 'GET', `${prometheus}/query`, 'prometheus.query'],
  ['prometheus', 'POST', `${prometheus}/query`, 'prometheus.query'],
  ['prometheus', 'GET', `${prometheus}/query_range`, 'prometheus.queryRange'],
  ['prometheus', 'POST', `${prometheus}/query_range`, 'prometheus.queryRange'],
  ['prometheus', 'GET', `${prometheus}/series`, 'prometheus.series'],
  ['prometheus', 'POST', `${prometheus}/series`, 'prometheus.series'],
  ['prometheus', 'GET', `${prometheus}/labels`, 'prometheus.labels'],
  ['prometheus', 'POST', `${prometheus}/labels`, 'prometheus.labels'],
  ['prometheus', 'GET', `${prometheus}/label/{label}/values`, 'prometheus.labelValues'],
  ['statuspage', 'GET', '/api/v2/status.json', 'statuspage.status'],
  ['statuspage', 'GET', '/api/v2/summary.json', 'statuspage.summary'],
  ['statuspage', 'GET', '/api/v2/components.json', 'statuspage.components'],
  ['statuspage', 'GET', '/api/v2/incidents/unresolved.json', 'statuspage.incidents'],
]

export function createRoutes(world: World, status: PlatformStatus): Router {
  const router = createRouter()
  const handlers: Readonly<Record<string, Handler>> = {
    ...appHandlers(world),
    ...machineReads(world),
    ...machineWrites(world),
    ...metadataHandlers(world),
    ...memoryHandlers(world),
    ...leaseHandlers(world),
    ...volumeHandlers(world),
    ...secretHandlers(world),
    ...platformHandlers(world),
    ...releaseHandlers(world),
    ...logHandlers(world),
    ...prometheusHandlers(world),
    ...statuspageHandlers(world, status),
    graphql: graphqlHandler(world),
  }
  for (const [surface, method, pattern, operation] of table) {
    const handler = handlers[operation]
    if (handler === undefined) throw new Error(`no handler for ${operation}`)
    router.add(method, pattern, { operation, surface, open: surface === 'statuspage', handler })
  }
  return router
}
