import { InvalidInput } from '@firebreak/core'
import { FlyConflictError, FlyCrashedError } from '../errors/kinds.ts'
import { formatImage, processGroup, untouchable } from '../machines/facts.ts'
import type { Guest, Machine, MachineConfig } from '../machines/machine.ts'
import type { FlyMachines } from '../machines/machines.ts'
import type { CallOptions } from '../transport/call.ts'
import { checkedName, checkedNumber } from '../transport/route.ts'
import { checkedScale, planScale, type ScalePlan, type ScaleRequest } from './plan.ts'

/** Size of a machine; what is absent stays. */
export interface MachineSize {
  readonly memoryMb?: number | undefined
  /** As a multiple of what each machine has, in steps of 256 MB; needs `once`. */
  readonly memoryFactor?: number | undefined
  readonly cpus?: number | undefined
  readonly cpuKind?: 'shared' | 'performance' | undefined
}

export interface ScaleOptions extends CallOptions {
  /** Nonces of leases that are held already, by machine. */
  readonly nonces?: Readonly<Record<string, string>> | undefined
}

export interface SizeOptions extends ScaleOptions {
  /** Default 'app'. */
  readonly group?: string | undefined
  /** A name for this change: a machine that carries it in its metadata has been resized, and is left alone. */
  readonly once?: string | undefined
}

export interface FlyScale {
  /** Which machines would be added where, and which removed. Changes nothing. */
  plan(request: ScaleRequest, options?: CallOptions): Promise<ScalePlan>
  /**
   * Does what the plan says: every machine that is to go is leased first, and then `POST` and `DELETE …/machines`, one
   * after the other. Refused when the machines are no longer the planned ones.
   */
  apply(
    plan: ScalePlan,
    options?: ScaleOptions,
  ): Promise<{ readonly added: readonly Machine[]; readonly removed: readonly string[] }>
  /** `POST …/machines/{machine}` with another size, one after the other, each settled before the next. */
  size(size: MachineSize, options?: SizeOptions): Promise<readonly Machine[]>
  /** A copy of a machine, its image pinned by digest. Refused for machines with volumes. */
  clone(
    id: string,
    options?: CallOptions & { readonly region?: string | undefined; readonly name?: string | undefined },
  ): Promise<Machine>
}

const leaseSeconds = 120
/** Metadata that names the last change of size which must not be made twice. */
const onceKey = 'firebreak_resized'

export function flyScale(machines: FlyMachines): FlyScale {
  async function apply(plan: ScalePlan, { nonces = {}, ...options }: ScaleOptions = {}) {
    const now = await planNow(plan, options)
    const own = new Map<string, string>()
    try {
      for (const { id } of plan.remove)
        if (nonces[id] === undefined)
          own.set(
            id,
            (
              await machines.leases.acquire(id, {
                ...options,
                ttlSeconds: leaseSeconds,
                description: 'firebreak scale',
              })
            ).nonce,
          )
      const added: Machine[] = []
      for (const { region } of plan.add) added.push(await machines.create({ config: copyOf(now), region }, options))
      const removed: string[] = []
      for (const { id } of plan.remove) {
        await machines.delete(id, { ...options, force: true, nonce: nonces[id] ?? own.get(id) })
        own.delete(id)
        removed.push(id)
      }
      return { added, removed }
    } finally {
      await Promise.allSettled([...own].map(([id, nonce]) => machines.leases.release(id, nonce)))
    }
  }

  /** The template as it is now; refused when what the plan saw is no longer there. */
  async function planNow(plan: ScalePlan, options: CallOptions): Promise<Machine | undefined> {
    const listed = await machines.list(options)
    const usable = listed.filter(
      (machine) => processGroup(machine) === plan.group && untouchable(machine) === undefined,
    )
    const ids = new Set(usable.map(({ id }) => id))
    const template = usable.find(({ id }) => id === plan.template?.id)
    const changed =
      usable.length !== plan.from ||
      plan.remove.some(({ id }) => !ids.has(id)) ||
      (plan.template !== undefined && template?.image_ref?.digest !== plan.template.digest)
    if (changed)
      throw new FlyConflictError(
        'FLY_STALE_VERSION',
        `the machines of ${plan.group} changed since the plan was made: plan again`,
        {
          method: 'GET',
          path: '/v1/apps/{app}/machines',
        },
      )
    return template
  }

  async function size(wanted: MachineSize, { nonces = {}, group = 'app', once, ...options }: SizeOptions = {}) {
    // Twice as much, done twice, is four times as much.
    if (wanted.memoryFactor !== undefined && once === undefined)
      throw new InvalidInput('once', 'is missing: a factor that is applied again after a crash must be recognised')
    guestChange(wanted, undefined)
    const listed = await machines.list(options)
    const mine = listed.filter((machine) => processGroup(machine) === group && untouchable(machine) === undefined)
    if (mine.length === 0) throw new InvalidInput('group', `${group} has no machine to resize`)
    const resized: Machine[] = []
    for (const machine of mine) {
      if (once !== undefined && machine.config?.metadata?.[onceKey] === once) {
        resized.push(machine)
        continue
      }
      const change = guestChange(wanted, machine.config?.guest)
      const asleep = machine.state !== 'started' && machine.state !== 'starting'
      const updated = await machines.update(
        machine,
        {
          ...(once === undefined ? {} : { metadata: { [onceKey]: once } }),
          config: (config) => resizedConfig(config, change),
        },
        { ...options, nonce: nonces[machine.id], skipLaunch: asleep },
      )
      const state = ['started', 'stopped', 'suspended', 'failed'] as const
      await machines.wait(machine.id, {
        state,
        version: updated.instance_id,
        signal: options.signal,
        timeoutMs: 300_000,
      })
      const settled = await machines.get(machine.id, options)
      if (settled.state === 'failed')
        throw new FlyCrashedError(`machine ${machine.id} failed with its new size; the others were not touched`, {
          method: 'POST',
          path: `/v1/apps/{app}/machines/${machine.id}`,
        })
      resized.push(settled)
    }
    return resized
  }

  return {
    async plan(request, options) {
      checkedScale(request)
      return planScale(await machines.list(options), request)
    },
    apply,
    size,
    async clone(id, { region, name, ...options } = {}) {
      const machine = await machines.get(id, options)
      const standby = (machine.config?.standbys?.length ?? 0) > 0
      const where = checkedName(region ?? machine.region, 'region')
      return machines.create({ config: copyOf(machine), region: where, name, skipLaunch: standby }, options)
    },
  }
}

/** Its whole configuration, the image pinned by digest: what runs is copied, not what a tag means today. */
function copyOf(machine: Machine | undefined): MachineConfig {
  if (machine?.config === undefined)
    throw new InvalidInput(
      'machine',
      `${machine?.id ?? 'the template'} came without its configuration; it cannot be copied`,
    )
  const { config, image_ref: ref } = machine
  if ((config.mounts?.length ?? 0) > 0)
    throw new InvalidInput(
      'machine',
      `${machine.id} has volumes, which cannot be shared; create the new machine with volumes of its own`,
    )
  const { standbys: _, ...rest } = config
  const image = formatImage(ref) ?? config.image
  const pinned =
    image === undefined || ref?.digest === undefined || image.includes('@') ? image : `${image}@${ref.digest}`
  return pinned === undefined ? rest : { ...rest, image: pinned }
}

/** `size` is an old name for a guest, and excludes one. */
function resizedConfig(config: MachineConfig, change: Guest): MachineConfig {
  const { size, ...rest } = config
  return { ...(size === undefined ? config : rest), guest: { ...config.guest, ...change } }
}

/** Fly's machines are made with so much, in megabytes, and grow in such steps. */
const memoryStepMb = 256

function guestChange({ memoryMb, memoryFactor, cpus, cpuKind }: MachineSize, now: Guest | undefined): Guest {
  if (memoryMb === undefined && memoryFactor === undefined && cpus === undefined && cpuKind === undefined)
    throw new InvalidInput('size', 'names nothing to change')
  if (memoryMb !== undefined && memoryFactor !== undefined)
    throw new InvalidInput('memoryFactor', 'is given besides memoryMb: which of them?')
  if (cpuKind !== undefined && cpuKind !== 'shared' && cpuKind !== 'performance')
    throw new InvalidInput('cpuKind', "must be 'shared' or 'performance'")
  const times = memoryFactor === undefined ? undefined : checkedNumber(memoryFactor, 'memoryFactor', 1, 16)
  const least = now?.memory_mb ?? memoryStepMb
  const memory = times === undefined ? memoryMb : Math.ceil((least * times) / memoryStepMb) * memoryStepMb
  return {
    ...(memory === undefined ? {} : { memory_mb: checkedNumber(memory, 'memoryMb', 256, 1_048_576, true) }),
    ...(cpus === undefined ? {} : { cpus: checkedNumber(cpus, 'cpus', 1, 128, true) }),
    ...(cpuKind === undefined ? {} : { cpu_kind: cpuKind }),
  }
}
