import type { CheckResult, ImageRef, Machine, MachineCheck } from './machine.ts'

/** Groups of machines that fly deploy makes for itself. */
const reservedGroups = new Set(['fly_app_release_command', 'fly_app_test_machine_command', 'fly_app_console'])

export function processGroup({ config, incomplete_config }: Machine): string {
  const metadata = (config ?? incomplete_config)?.metadata
  return metadata?.['fly_process_group'] ?? metadata?.['process_group'] ?? 'app'
}

export function isReserved(machine: Machine): boolean {
  return reservedGroups.has(processGroup(machine))
}

export function isGone({ state }: Machine): boolean {
  return state === 'destroyed' || state === 'destroying'
}

/** What `fly deploy`, `fly status` and `fly scale` look at. */
export function isManaged({ config, incomplete_config }: Machine): boolean {
  return (config ?? incomplete_config)?.metadata?.['fly_platform_version'] === 'v2'
}

/** The release that the machine says it runs. */
export function releaseVersion({ config, incomplete_config }: Machine): number | undefined {
  const version = (config ?? incomplete_config)?.metadata?.['fly_release_version']
  return version !== undefined && /^\d{1,9}$/.test(version) ? Number(version) : undefined
}

/** Why it must be left alone, or nothing. */
export function untouchable(machine: Machine): string | undefined {
  if (isGone(machine)) return `is ${machine.state}`
  if (machine.host_status !== undefined && machine.host_status !== 'ok') return `its host is ${machine.host_status}`
  if (machine.config === undefined) return 'its configuration cannot be read'
  if (isReserved(machine)) return `belongs to ${processGroup(machine)}, which fly deploy keeps for itself`
  if (!isManaged(machine)) return 'is not managed by fly deploy (no fly_platform_version=v2)'
  return undefined
}

/** What really runs, by repository and tag; by digest where there is no tag; what was ordered where neither is known. */
export function imageOf({ image_ref: ref, config, incomplete_config }: Machine): string {
  return formatImage(ref) ?? (config ?? incomplete_config)?.image ?? ''
}

export function formatImage(ref: ImageRef | undefined): string | undefined {
  if (ref?.repository === undefined || ref.repository === '') return undefined
  const repository =
    ref.registry === undefined || ref.registry === '' ? ref.repository : `${ref.registry}/${ref.repository}`
  if (ref.tag !== undefined && ref.tag !== '') return `${repository}:${ref.tag}`
  return ref.digest === undefined || ref.digest === '' ? undefined : `${repository}@${ref.digest}`
}

export function digestOf({ image_ref: ref }: Machine): string | undefined {
  return ref?.digest === '' ? undefined : ref?.digest
}

/** Service checks and readiness checks take a machine out of the pool; the others inform. */
export function checkKind(machine: Machine, { name }: CheckResult): 'service' | 'readiness' | 'informational' {
  if (name.startsWith('servicecheck-')) return 'service'
  return machine.config?.checks?.[name]?.kind === 'readiness' ? 'readiness' : 'informational'
}

/** The checks that decide whether the machine gets traffic, as configured. */
export function servingCheckConfigs({ config }: Machine): readonly MachineCheck[] {
  const ofServices = list(config?.services).flatMap((service) => list(service?.checks))
  return [...ofServices, ...Object.values(config?.checks ?? {}).filter((check) => check?.kind === 'readiness')]
}

/** Their results; an empty list is not "healthy". */
export function servingResults(machine: Machine): readonly CheckResult[] {
  return machine.checks.filter((check) => checkKind(machine, check) !== 'informational')
}

/** Results that take nothing out of the pool. */
export function informationalResults(machine: Machine): readonly CheckResult[] {
  return machine.checks.filter((check) => checkKind(machine, check) === 'informational')
}

/** A Go duration ("1m30s", "500ms") or nanoseconds, in milliseconds. */
export function durationMs(value: string | number | undefined): number | undefined {
  if (typeof value === 'number') return value / 1_000_000
  if (value === undefined || !/^(\d+(\.\d+)?(ms|us|µs|ns|h|m|s))+$/.test(value)) return undefined
  let total = 0
  for (const [, amount = '0', unit = 's'] of value.matchAll(/(\d+(?:\.\d+)?)(ms|us|µs|ns|h|m|s)/g))
    total += Number(amount) * (unitMs[unit] ?? 0)
  return total
}

const unitMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000_001,
}

function list<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? value : []
}
