import type { JsonObject } from '@firebreak/core'
import { InvalidInput } from '@firebreak/core'
import { refuse } from '../api/refusal.ts'
import type { SimApp, SimCheck, SimMachine } from '../options.ts'
import type { App, Organization } from './app.ts'
import { beginChecks } from './checks.ts'
import { buildMachine } from './create-machine.ts'
import { concurrency, definedCheck, definitionOf, servicePorts } from './definition.ts'
import { addEvent } from './events.ts'
import { awaitExit, destroy, enter } from './lifecycle.ts'
import type { Machine } from './machine.ts'
import { addRelease } from './releases.ts'
import { setSecrets } from './secrets.ts'
import type { World } from './world.ts'

/** What an app may be called. */
export const appName = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

export function createApp(world: World, options: SimApp): App {
  const { name } = options
  if (!appName.test(name))
    throw refuse(422, 'Validation failed: Name may only contain numbers, lowercase letters and dashes')
  if (world.apps.has(name)) throw refuse(422, 'Validation failed: Name has already been taken', 'name_taken')
  const app: App = {
    id: world.ids.hex(16),
    internalNumericId: 10_000 + world.apps.size,
    name,
    organization: organizationFor(world, options.organization ?? world.home.slug),
    network: 'default',
    createdAt: world.stamp(),
    options,
    machines: new Map(),
    releases: [],
    secrets: new Map(),
    volumes: new Map(),
    addresses: [],
    secretsVersion: 0,
    overlay: undefined,
    lock: undefined,
  }
  world.apps.set(name, app)
  app.addresses.push(
    {
      ip: `66.241.${124 + (app.internalNumericId % 2)}.${1 + (app.internalNumericId % 250)}`,
      region: 'global',
      serviceName: '',
      shared: true,
      createdAt: app.createdAt,
    },
    {
      ip: `2a09:8280:1::${world.ids.hex(2)}:${world.ids.hex(4)}`,
      region: 'global',
      serviceName: '',
      shared: false,
      createdAt: app.createdAt,
    },
  )
  return app
}

export function destroyApp(world: World, app: App): void {
  for (const machine of app.machines.values()) if (machine.state !== 'destroyed') destroy(world, machine)
  world.apps.delete(app.name)
}

function organizationFor(world: World, slug: string): Organization {
  const known = world.organizations.get(slug)
  if (known !== undefined) return known
  const added = {
    id: `org_${world.ids.hex(12)}`,
    internalNumericId: 1_000 + world.organizations.size,
    slug,
    name: slug,
  }
  world.organizations.set(slug, added)
  return added
}

/**
 * An app as it has been running for a while: its releases are made, its machines are there. They run, and are in the
 * pool, once the returned function has been called.
 */
export function settleApp(world: World, options: SimApp): () => void {
  const app = createApp(world, options)
  const releases = options.releases ?? [{ image: `registry.fly.io/${app.name}:deployment-1` }]
  for (const { image, status = 'complete', agoMs = 0, description, user = 'you@example.com', definition } of releases) {
    world.registry.ensure(image)
    addRelease(world, app, {
      image,
      strategy: 'ROLLING',
      definition: definition ?? definitionOf(options),
      user,
      status,
      description,
      createdAt: world.startedAt - agoMs,
    })
  }
  if (options.secrets !== undefined)
    setSecrets(world, app, Object.fromEntries(options.secrets.map((name) => [name, name])))
  const wanted = options.machines ?? 0
  const machines: readonly SimMachine[] =
    typeof wanted === 'number' ? Array.from({ length: wanted }, () => ({})) : wanted
  const built = machines.map((machine, index) => placeMachine(world, app, machine, index))
  return () => {
    for (const [machine, { state = 'started' }] of built) settleMachine(world, machine, state)
  }
}

function placeMachine(world: World, app: App, options: SimMachine, index: number): readonly [Machine, SimMachine] {
  const { regions = ['iad'] } = app.options
  const release = app.releases.findLast(({ version }) => options.release === undefined || version === options.release)
  if (release === undefined)
    throw new InvalidInput(
      `apps.${app.name}.machines[${index}].release`,
      `there is no release ${options.release ?? 'at all'}`,
    )
  const group = options.group ?? app.options.group ?? 'app'
  const config: JsonObject = {
    init: {},
    env: { FLY_PROCESS_GROUP: group, PRIMARY_REGION: regions[0] ?? 'iad', ...app.options.env },
    guest: { cpu_kind: 'shared', cpus: 1, memory_mb: 512 },
    restart: { policy: 'on-failure', max_retries: 10 },
    ...servicesOf(app.options),
    ...(app.options.checks === undefined
      ? {}
      : {
          checks: Object.fromEntries(
            Object.entries(app.options.checks).map(([name, check]) => [name, checkConfig(check, app.options)]),
          ),
        }),
    ...app.options.config,
    ...options.config,
    ...(options.standbyFor === undefined ? {} : { standbys: options.standbyFor }),
    image: release.image,
    metadata: {
      ...(options.unmanaged === true ? {} : { fly_platform_version: 'v2' }),
      fly_process_group: group,
      fly_release_id: release.id,
      fly_release_version: String(release.version),
      fly_flyctl_version: '0.3.200',
    },
  }
  const region = options.region ?? regions[index % regions.length] ?? 'iad'
  return [
    buildMachine(world, app, { name: '', region, config, launch: true, cordoned: false, host: options.host }),
    options,
  ]
}

/** It was started long ago, and what its checks would have found, they have found. */
function settleMachine(world: World, machine: Machine, state: NonNullable<SimMachine['state']>): void {
  addEvent(world, machine, { type: 'launch', status: 'created', source: 'user' })
  if (state !== 'started') {
    enter(world, machine, state)
    return
  }
  enter(world, machine, 'starting')
  const { epoch } = machine
  world.runtime.start(machine, () => {
    if (machine.epoch !== epoch) return
    machine.process = { startedAt: world.agenda.now(), image: machine.version.image }
    addEvent(world, machine, { type: 'start', status: 'started' })
    enter(world, machine, 'started')
    beginChecks(world, machine, true)
    awaitExit(world, machine)
  })
}

function servicesOf(options: SimApp): JsonObject {
  const { internalPort = 8080, serviceChecks = [{}] } = options
  if (internalPort === null) return {}
  return {
    services: [
      {
        protocol: 'tcp',
        internal_port: internalPort,
        autostop: false,
        autostart: true,
        min_machines_running: 0,
        force_instance_key: null,
        ports: servicePorts,
        concurrency,
        checks: serviceChecks.map((check) => checkConfig({ ...check, port: undefined, kind: undefined }, options)),
      },
    ],
  }
}

function checkConfig(check: SimCheck, options: SimApp): JsonObject {
  const { type = 'http', port, kind } = check
  return {
    type,
    ...(port === undefined && kind === undefined ? {} : { port: port ?? options.internalPort ?? 8080 }),
    ...definedCheck(check, type === 'http'),
    ...(kind === undefined ? {} : { kind }),
  }
}
