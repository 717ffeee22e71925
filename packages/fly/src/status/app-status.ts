import type { AppDetails } from '../apps/app-details.ts'
import {
  checkKind,
  digestOf,
  imageOf,
  isGone,
  isManaged,
  isReserved,
  processGroup,
  releaseVersion,
} from '../machines/facts.ts'
import type { CheckResult, Machine } from '../machines/machine.ts'
import type { FlyRelease } from '../releases/release.ts'

/** What `fly status` derives, and whether the machines agree with each other. */
export interface AppStatus {
  readonly app: AppDetails
  /** The newest release, good or not; `null` when there is none. It may differ from what the machines run. */
  readonly release: FlyRelease | null
  /** Of the machine with the highest release version; empty when there is none. */
  readonly image: string
  /** More than one release version or digest among the machines: a deploy is under way, or stopped half-way. */
  readonly mixed: boolean
  /** What runs where: version, digest, machines. Highest version first. */
  readonly running: readonly RunningVersion[]
  readonly machines: readonly MachineStatus[]
  /** Machines that fly deploy does not look after (no `fly_platform_version=v2`). */
  readonly unmanaged: readonly string[]
}

export interface RunningVersion {
  readonly release?: number | undefined
  readonly digest?: string | undefined
  readonly image: string
  readonly machines: readonly string[]
}

export interface MachineStatus {
  readonly id: string
  readonly group: string
  /** Starts only when its primary fails. */
  readonly standby: boolean
  readonly hostOk: boolean
  readonly release?: number | undefined
  readonly region: string
  readonly state: string
  readonly role?: string | undefined
  readonly checks: CheckSummary
  /** RFC 3339. */
  readonly updatedAt?: string | undefined
}

export interface CheckSummary {
  readonly total: number
  readonly passing: number
  readonly warning: number
  readonly critical: number
  /** `unknown` without a single result: none is not all. `warning` is no pass. */
  readonly verdict: 'passing' | 'failing' | 'unknown'
}

/** A row of `fly checks list`. */
export interface CheckRow extends CheckResult {
  readonly machine: string
  /** Service and readiness checks take a machine out of the pool; the others inform. */
  readonly kind: 'service' | 'readiness' | 'informational'
}

export function appStatus(app: AppDetails, release: FlyRelease | null, machines: readonly Machine[]): AppStatus {
  const alive = machines.filter((machine) => !isGone(machine) && !isReserved(machine))
  const managed = alive.filter(isManaged)
  const running = runningVersions(managed)
  return {
    app,
    release,
    image: running[0]?.image ?? '',
    mixed: running.length > 1,
    running,
    machines: managed.map(machineStatus),
    unmanaged: alive.filter((machine) => !isManaged(machine)).map(({ id }) => id),
  }
}

/** Sorted by machine, then check. */
export function checkRows(machines: readonly Machine[], name?: string): readonly CheckRow[] {
  return machines
    .filter((machine) => !isGone(machine) && !isReserved(machine))
    .toSorted((one, other) => compare(one.id, other.id))
    .flatMap((machine) =>
      machine.checks
        .filter((check) => name === undefined || check.name === name)
        .toSorted((one, other) => compare(one.name, other.name))
        .map((check) => ({ ...check, machine: machine.id, kind: checkKind(machine, check) })),
    )
}

export function summarizeChecks(checks: readonly CheckResult[]): CheckSummary {
  const count = (status: string) => checks.filter((check) => check.status === status).length
  const passing = count('passing')
  const verdict = checks.length === 0 ? 'unknown' : passing === checks.length ? 'passing' : 'failing'
  return { total: checks.length, passing, warning: count('warning'), critical: count('critical'), verdict }
}

function machineStatus(machine: Machine): MachineStatus {
  return {
    id: machine.id,
    group: processGroup(machine),
    standby: (machine.config?.standbys?.length ?? 0) > 0,
    hostOk: machine.host_status === undefined || machine.host_status === 'ok',
    release: releaseVersion(machine),
    region: machine.region,
    state: machine.state,
    role: machine.config?.metadata?.['role'],
    checks: summarizeChecks(machine.checks),
    updatedAt: machine.updated_at,
  }
}

/** Machines on a host that is out of reach have no image to tell, and do not make a mix. */
function runningVersions(machines: readonly Machine[]): readonly RunningVersion[] {
  const known = machines.filter((machine) => imageOf(machine) !== '')
  const groups = Map.groupBy(
    known,
    (machine) => `${releaseVersion(machine) ?? ''} ${digestOf(machine) ?? imageOf(machine)}`,
  )
  return [...groups.values()]
    .map((members): RunningVersion => {
      const first = members[0] as Machine
      return {
        release: releaseVersion(first),
        digest: digestOf(first),
        image: imageOf(first),
        machines: members.map(({ id }) => id),
      }
    })
    .toSorted((one, other) => (other.release ?? -1) - (one.release ?? -1))
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
