import { FirebreakError, systemClock } from '@firebreak/core'
import type { Clock, Json, JsonObject } from '@firebreak/core'
import { configuredChecks, groupOf, listOf, metadataOf, objectOf, textOf } from '../world/config.ts'
import { createFlyCalls } from './fly-calls.ts'
import type { FlyAnswer, FlyCalls } from './fly-calls.ts'

export interface ShipOptions {
  readonly fetch: typeof globalThis.fetch
  /** Origin of the simulator. */
  readonly url: string
  readonly app: string
  readonly image: string
  readonly token?: string | undefined
  readonly clock?: Clock | undefined
  /** 'immediate' updates all at once and looks at nothing. Default 'rolling'. */
  readonly strategy?: 'rolling' | 'immediate' | undefined
  /** Below 1 a share of a group, else a count. Default 0.33, as flyctl's. */
  readonly maxUnavailable?: number | undefined
  /** Milliseconds; how long a machine is watched for crashes before its checks count. Default 10,000. */
  readonly smokeMs?: number | undefined
  /** Milliseconds; for each wait. Default 300,000. */
  readonly waitTimeoutMs?: number | undefined
  /** Milliseconds between two looks at a machine. Default 500, doubling up to 2,000. */
  readonly pollMs?: number | undefined
  readonly description?: string | undefined
  readonly signal?: AbortSignal | undefined
}

export interface ShipOutcome {
  readonly ok: boolean
  readonly release: { readonly id: string; readonly version: number }
  /** Ids of the machines that were updated, in the order of their updates. */
  readonly updated: readonly string[]
  /** Why it stopped. */
  readonly error?: string
}

export type ShipErrorCode = 'SHIP_REFUSED'

interface Ship {
  readonly calls: FlyCalls
  readonly clock: Clock
  readonly options: ShipOptions
  readonly release: { readonly id: string; readonly version: number }
  readonly machines: string
  readonly nonces: Map<string, string>
  readonly updated: string[]
}

const leaseTtlSeconds = 13
const refreshMs = 4_000
const reserved = new Set(['fly_app_release_command', 'fly_app_console', 'fly_app_test_machine_command'])
const launched = new Set(['started', 'starting', 'failed'])

/**
 * `fly deploy --image`, by the calls that it consists of: resolve the image, create the release, lease the machines,
 * update them one after another, wait, watch, release, record. It does what flyctl does, its blind spots included:
 * nothing is rolled back, and an update that the platform silently undid counts as done.
 */
export async function shipImage(options: ShipOptions): Promise<ShipOutcome> {
  const { app, image, clock = systemClock, token = 'fo1_simulated' } = options
  const calls = createFlyCalls({ fetch: options.fetch, url: options.url, token, signal: options.signal })
  need(await calls.get(`/v1/apps/${encodeURIComponent(app)}`), `app ${app}`)
  await resolveImage(calls, app, image)
  const machines = `/v1/apps/${encodeURIComponent(app)}/machines`
  const all = listOf(need(await calls.get(machines), 'the list of machines')).map(objectOf)
  const mine = all.filter(isDeployed)
  const strategy = options.strategy ?? 'rolling'
  const created = need(
    await calls.send('POST', '/api/v1/releases', {
      app_name: app,
      build_id: 0,
      definition: { app },
      image,
      strategy: strategy.toUpperCase(),
      ...(options.description === undefined ? {} : { description: options.description }),
    }),
    'creating the release',
  )
  const record = objectOf(objectOf(created)['release'])
  const release = { id: textOf(record['id']), version: Number(record['version']) }
  const patch = (status: string, error = '') =>
    calls.send('PATCH', `/api/v1/releases/${release.id}`, {
      status,
      metadata: { post_deployment_info: { flyctl_version: '0.3.200', error } },
    })
  need(await patch('running'), 'marking the release as running')
  const ship: Ship = { calls, clock, options, release, machines, nonces: new Map(), updated: [] }
  try {
    await withLeases(ship, mine, () => updateAll(ship, mine))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    await patch('failed', why)
    return { ok: false, release, updated: ship.updated, error: why }
  }
  await patch('complete')
  return { ok: true, release, updated: ship.updated }
}

async function resolveImage(calls: FlyCalls, app: string, image: string) {
  const query =
    'query ($appName: String!, $imageRef: String!) { app(name: $appName) { id image(ref: $imageRef) { id digest ref } } }'
  const answer = need(
    await calls.send('POST', '/graphql', { query, variables: { appName: app, imageRef: image } }),
    'resolving the image',
  )
  if (objectOf(objectOf(objectOf(answer)['data'])['app'])['image'] === null)
    throw new FirebreakError<ShipErrorCode>({
      code: 'SHIP_REFUSED',
      message: `image ${image} is not in the registry; nothing was changed`,
    })
}

function isDeployed(machine: JsonObject): boolean {
  const config = objectOf(machine['config'])
  const state = textOf(machine['state'])
  return (
    metadataOf(config)['fly_platform_version'] === 'v2' &&
    !reserved.has(groupOf(config)) &&
    !['destroyed', 'destroying'].includes(state)
  )
}

async function withLeases(ship: Ship, machines: readonly JsonObject[], work: () => Promise<void>) {
  const { calls, clock, options, nonces } = ship
  const lease = (id: string) => `${ship.machines}/${id}/lease`
  const stop = new AbortController()
  try {
    await Promise.all(
      machines.map(async (machine) => {
        const id = textOf(machine['id'])
        const answer = need(
          await calls.send('POST', `${lease(id)}?ttl=${leaseTtlSeconds}`),
          `failed to get lease on machine ${id}`,
        )
        nonces.set(id, textOf(objectOf(objectOf(answer)['data'])['nonce']))
      }),
    )
    const refreshing = refresh()
    try {
      await work()
    } finally {
      stop.abort()
      await refreshing
    }
  } finally {
    await Promise.allSettled([...nonces].map(([id, nonce]) => calls.send('DELETE', lease(id), undefined, nonce)))
  }
  async function refresh() {
    for (;;) {
      try {
        await clock.sleep(refreshMs, stop.signal)
      } catch {
        return
      }
      if (options.signal?.aborted === true) return
      await Promise.allSettled(
        [...nonces].map(([id, nonce]) => calls.send('POST', `${lease(id)}?ttl=${leaseTtlSeconds}`, undefined, nonce)),
      )
    }
  }
}

/** Per group two tracks, warm and cold; in each the first machine goes alone, then so many at once. */
async function updateAll(ship: Ship, machines: readonly JsonObject[]) {
  const groups = new Map<string, JsonObject[]>()
  for (const machine of machines.toSorted((one, other) => (textOf(one['id']) < textOf(other['id']) ? -1 : 1))) {
    const group = groupOf(objectOf(machine['config']))
    groups.set(group, [...(groups.get(group) ?? []), machine])
  }
  await Promise.all(
    [...groups.values()].flatMap((members) => {
      const warm = members.filter((machine) => machine['state'] === 'started')
      const cold = members.filter((machine) => machine['state'] !== 'started')
      const { maxUnavailable = 0.33, strategy } = ship.options
      const pool = maxUnavailable >= 1 ? Math.floor(maxUnavailable) : Math.ceil(members.length * maxUnavailable)
      return [track(ship, warm, strategy === 'immediate' ? 8 : pool), track(ship, cold, 30)]
    }),
  )
}

async function track(ship: Ship, machines: readonly JsonObject[], pool: number) {
  const [first, ...rest] = machines
  if (first === undefined) return
  await updateOne(ship, first)
  let failed: Error | undefined
  const queue = [...rest]
  const worker = async () => {
    for (let machine = queue.shift(); machine !== undefined && failed === undefined; machine = queue.shift())
      try {
        await updateOne(ship, machine)
      } catch (error) {
        failed ??= error instanceof Error ? error : new Error(String(error))
      }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(pool, queue.length)) }, worker))
  if (failed !== undefined) throw failed
}

async function updateOne(ship: Ship, machine: JsonObject) {
  const { calls, options, release } = ship
  const id = textOf(machine['id'])
  const path = `${ship.machines}/${id}`
  const config = objectOf(machine['config'])
  const next: JsonObject = {
    ...config,
    image: options.image,
    metadata: {
      ...metadataOf(config),
      fly_release_id: release.id,
      fly_release_version: String(release.version),
      fly_flyctl_version: '0.3.200',
    },
  }
  const skipLaunch = !launched.has(textOf(machine['state'])) || listOf(config['standbys']).length > 0
  const body: JsonObject = {
    config: next,
    region: machine['region'] ?? '',
    name: machine['name'] ?? '',
    skip_launch: skipLaunch,
    skip_secrets: false,
  }
  need(await calls.send('POST', path, body, ship.nonces.get(id)), `updating machine ${id}`)
  ship.updated.push(id)
  if (skipLaunch || options.strategy === 'immediate') return
  await waitStarted(ship, path, id)
  await smoke(ship, path, id)
  await healthy(ship, path, id, configuredChecks(next).length)
}

async function waitStarted(ship: Ship, path: string, id: string) {
  const { calls, clock, options } = ship
  const timeoutMs = options.waitTimeoutMs ?? 300_000
  const deadline = clock.now() + timeoutMs
  const seconds = Math.max(1, Math.min(60, Math.ceil(timeoutMs / 1_000)))
  for (const pause of pauses(ship)) {
    const { status } = await calls.get(`${path}/wait?state=started&timeout=${seconds}`)
    if (status < 300) return
    if (status === 404) throw new Error(`machine ${id} is gone`)
    if (clock.now() >= deadline) throw new Error(`timeout reached waiting for machine ${id} to start`)
    await clock.sleep(pause, options.signal)
  }
}

/** A machine that keeps crashing is noticed here; one that exits once and stays down is not. */
async function smoke(ship: Ship, path: string, id: string) {
  const { calls, clock, options } = ship
  const until = clock.now() + (options.smokeMs ?? 10_000)
  for (const pause of pauses(ship)) {
    const machine = objectOf(need(await calls.get(path), `reading machine ${id}`))
    const exit = listOf(machine['events'])
      .map(objectOf)
      .find(({ type }) => type === 'exit')
    const request = objectOf(exit?.['request'])
    const facts = objectOf(request['exit_event'])
    const crashing =
      facts['requested_stop'] === false &&
      facts['restarting'] === true &&
      Number(request['restart_count'] ?? 0) > 1 &&
      facts['exit_code'] !== 0
    if (crashing) throw new Error(`smoke checks for ${id} failed: the app appears to be crashing`)
    const left = until - clock.now()
    if (left <= 0) return
    await clock.sleep(Math.min(pause, left), options.signal)
  }
}

async function healthy(ship: Ship, path: string, id: string, configured: number) {
  if (configured === 0) return
  const { calls, clock, options } = ship
  const deadline = clock.now() + (options.waitTimeoutMs ?? 300_000)
  for (const pause of pauses(ship)) {
    const checks = listOf(objectOf(need(await calls.get(path), `reading machine ${id}`))['checks'])
      .map(objectOf)
      .filter(({ name }) => !textOf(name).startsWith('bg_deployments_compat'))
    if (checks.length > 0 && checks.every(({ status }) => status === 'passing')) return
    if (clock.now() >= deadline) throw new Error(`timeout reached waiting for health checks to pass for machine ${id}`)
    await clock.sleep(pause, options.signal)
  }
}

function* pauses({ options }: Ship): Generator<number> {
  for (let pause = options.pollMs ?? 500; ; pause = Math.min(pause * 2, (options.pollMs ?? 500) * 4)) yield pause
}

function need({ status, body }: FlyAnswer, what: string): Json {
  if (status < 300) return body
  const said = typeof body === 'string' ? body.slice(0, 200) : textOf(objectOf(body)['error'])
  throw new FirebreakError<ShipErrorCode>({
    code: 'SHIP_REFUSED',
    message: `${what}: answered with ${status}${said === '' ? '' : `: ${said}`}`,
  })
}
