import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'

/** What tells this process from every other one that may open the same file, before or after a reboot. */
export interface ProcessIdentity {
  readonly machine: string
  /** Changes with every boot; '' where the system does not tell. */
  readonly boot: string
  /** Process ids of two containers do not compare; '' where there is no such thing. */
  readonly namespace: string
  readonly pid: number
  /** Process ids are given again, with another start; '' where the system does not tell. */
  readonly started: string
}

export function ownIdentity(): ProcessIdentity {
  return {
    machine: hostname(),
    boot: attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '',
    namespace: attempt(() => readlinkSync('/proc/self/ns/pid')) ?? '',
    pid: process.pid,
    started: startOf(process.pid) ?? '',
  }
}

/** Pure but for `started`: is the other process known to have ended? Where anything is in doubt: no. */
export function hasEnded(
  other: ProcessIdentity,
  own: ProcessIdentity,
  look: { exists: (pid: number) => boolean; startOf: (pid: number) => string | undefined } = { exists, startOf },
): boolean {
  if (other.machine === own.machine && other.boot !== own.boot) return other.boot !== '' && own.boot !== ''
  if (other.boot !== own.boot || other.namespace !== own.namespace) return false
  // Without a boot id, the name of the machine is all there is to compare.
  if (own.boot === '' && other.machine !== own.machine) return false
  if (!look.exists(other.pid)) return true
  const started = look.startOf(other.pid)
  return started !== undefined && other.started !== '' && started !== other.started
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It exists and belongs to somebody else.
    return (error as { code?: unknown }).code === 'EPERM'
  }
}

/** In clock ticks since boot: field 22 of proc_pid_stat(5), counted after the name, which may hold anything. */
function startOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
