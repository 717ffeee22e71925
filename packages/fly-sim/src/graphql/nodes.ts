import { refuse } from '../api/refusal.ts'
import type { App, Organization, Release } from '../world/app.ts'
import { livingMachines } from '../world/app.ts'
import type { Machine } from '../world/machine.ts'
import { parseReference } from '../world/registry.ts'
import { isFinal } from '../world/releases.ts'
import type { World } from '../world/world.ts'
import { rfc3339 } from '../world/world.ts'
import type { Arguments } from './execute.ts'

/** Objects of the schema. Fields are values, or functions where they cost something or take arguments. */
export type Node = Readonly<Record<string, unknown>>

export interface NodesContext {
  readonly world: World
  /** Whose email stands for a release's author. */
  readonly viewer: string
}

export function organizationNode({ world }: NodesContext, organization: Organization): Node {
  return {
    __typename: 'Organization',
    id: organization.id,
    internalNumericId: String(organization.internalNumericId),
    slug: organization.slug,
    rawSlug: organization.slug,
    name: organization.name,
    type: organization.slug === 'personal' ? 'PERSONAL' : 'SHARED',
    billable: true,
    billingStatus: 'CURRENT',
    paidPlan: true,
    viewerRole: 'admin',
    provisionsBetaExtensions: false,
    settings: {},
    apps: () => ({
      nodes: [...world.apps.values()]
        .filter((app) => app.organization === organization)
        .map((app) => ({ name: app.name, id: app.id })),
    }),
  }
}

export function appNode(context: NodesContext, app: App): Node {
  const { world } = context
  const current = () => {
    const release = app.releases.at(-1)
    return release === undefined ? null : releaseNode(context, release)
  }
  const releases = ({ first, status }: Arguments) => {
    const chosen = app.releases.filter(
      (release) => typeof status !== 'string' || status === '' || release.status === status,
    )
    const limit = typeof first === 'number' ? first : 25
    return connection(
      chosen
        .toReversed()
        .slice(0, limit)
        .map((release) => releaseNode(context, release)),
    )
  }
  const machines = () => livingMachines(app)
  const deployed = () => machines().length > 0
  return {
    __typename: 'App',
    id: app.name,
    internalNumericId: app.internalNumericId,
    name: app.name,
    hostname: `${app.name}.fly.dev`,
    appUrl: `https://${app.name}.fly.dev`,
    cnameTarget: `${app.id}.${app.name}.fly.dev`,
    network: app.network === 'default' ? '' : app.network,
    networkId: 1,
    platformVersion: 'machines',
    deployed,
    status: () => (deployed() ? 'deployed' : 'pending'),
    state: () => (deployed() ? 'DEPLOYED' : 'PENDING'),
    version: () => app.releases.at(-1)?.version ?? 0,
    createdAt: rfc3339(app.createdAt),
    role: null,
    sharedIpAddress: () => app.addresses.find(({ shared }) => shared)?.ip ?? null,
    organization: () => organizationNode(context, app.organization),
    currentRelease: current,
    currentReleaseUnprocessed: current,
    releases,
    releasesUnprocessed: releases,
    release: ({ id, version }: Arguments) => {
      const found = app.releases.find((release) => release.id === id || release.version === version)
      return found === undefined ? null : releaseNode(context, found)
    },
    config: () => ({ definition: app.releases.at(-1)?.definition ?? {}, valid: true, errors: [] }),
    image: ({ ref }: Arguments) => imageNode(world, typeof ref === 'string' ? ref : ''),
    imageDetails: () => {
      const machine = machines()[0]
      if (machine === undefined) return null
      const { registry, repository, tag } = parseReference(machine.version.reference)
      return { registry, repository, tag, digest: machine.version.image.digest, version: '' }
    },
    imageUpgradeAvailable: false,
    imageVersionTrackingEnabled: false,
    machines: () => connection(machines().map(machineNode)),
    regions: () => [...new Set(machines().map(({ region }) => region))].map((code) => ({ code, name: code })),
    secrets: () =>
      [...app.secrets.values()].map(({ name, digest, createdAt }) => ({
        id: name,
        name,
        digest,
        createdAt: rfc3339(createdAt),
      })),
    ipAddresses: () =>
      connection(
        app.addresses.map(({ ip, region, createdAt, shared }) => ({
          id: `ip_${ip}`,
          address: ip,
          type: shared ? 'shared_v4' : ip.includes(':') ? 'v6' : 'v4',
          region,
          createdAt: rfc3339(createdAt),
        })),
      ),
    ipAddress: null,
    egressIpAddresses: connection([]),
    certificates: connection([]),
    limitedAccessTokens: connection([]),
    addOns: connection([]),
    services: () => [],
    healthChecks: () =>
      connection(
        machines().flatMap((machine) => machine.checks.map(({ name, status, output }) => ({ name, status, output }))),
      ),
    hostIssues: () =>
      connection(
        machines()
          .filter(({ hostStatus }) => hostStatus !== 'ok')
          .map((machine) => hostIssue(world, machine)),
      ),
    currentLock: () => (app.lock === undefined || app.lock.expiresAt <= world.agenda.now() ? null : lockNode(app.lock)),
  }
}

export function releaseNode({ world }: NodesContext, release: Release): Node {
  return {
    __typename: 'Release',
    id: release.id,
    version: release.version,
    status: release.status,
    stable: release.status === 'complete',
    inProgress: !isFinal(release),
    reason: release.reason,
    description: release.description,
    imageRef: release.image,
    image: () => imageNode(world, release.image),
    evaluationId: null,
    revertedTo: null,
    deploymentStrategy: release.strategy,
    metadata: release.metadata,
    config: { definition: release.definition },
    configDefinition: release.definition,
    user: { id: `user_${release.user}`, email: release.user, name: release.user.split('@')[0] ?? release.user },
    createdAt: rfc3339(release.createdAt),
    updatedAt: rfc3339(release.updatedAt),
  }
}

/** Null when it is gone from the registry. */
function imageNode(world: World, reference: string): Node | null {
  if (reference === '') throw refuse(422, 'ref is required')
  const image = world.registry.resolve(reference)
  if (image === undefined) return null
  const { registry, repository, tag } = parseReference(reference)
  return {
    __typename: 'Image',
    id: `img_${image.digest.slice(7, 19)}`,
    digest: image.digest,
    ref: reference,
    absoluteRef: `${registry}/${repository}@${image.digest}`,
    registry,
    repository,
    tag,
    compressedSize: 41_943_040,
    compressedSizeFull: '41943040',
    manifest: {},
    config: {},
    createdAt: rfc3339(world.startedAt),
  }
}

export function lockNode({ id, expiresAt }: { readonly id: string; readonly expiresAt: number }): Node {
  return { lockId: id, expiration: rfc3339(expiresAt) }
}

export function connection(nodes: readonly unknown[]): Node {
  return {
    nodes,
    edges: nodes.map((node) => ({ cursor: '', node })),
    totalCount: nodes.length,
    pageInfo: { hasNextPage: false, endCursor: '' },
  }
}

function machineNode(machine: Machine): Node {
  return {
    __typename: 'Machine',
    id: machine.id,
    name: machine.name,
    state: machine.state,
    region: machine.region,
    instanceId: machine.version.id,
    config: machine.version.config,
    createdAt: rfc3339(machine.createdAt),
    updatedAt: rfc3339(machine.updatedAt),
    app: { name: machine.app },
    host: { id: machine.host },
    ips: connection([{ family: 'v6', kind: 'privatenet', ip: machine.privateIp, maskSize: 112 }]),
  }
}

function hostIssue(world: World, machine: Machine): Node {
  const at = rfc3339(world.stamp())
  return {
    internalId: `host-${machine.host}`,
    message: `The host of machine ${machine.id} does not answer.`,
    createdAt: at,
    updatedAt: at,
  }
}
