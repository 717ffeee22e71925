import type { Machine } from '../machines/machine.ts'
import { releaseVersion } from '../machines/facts.ts'
import type { FlyRelease } from '../releases/release.ts'

const begun = new Set(['running', 'pending'])

/**
 * Which machines a deploy is working on: leased ones, and those that already carry a release which is still being rolled
 * out. Never for longer than `deployMs`: a deploy that hangs must not hide an outage.
 */
export function deployMemory(deployMs: number) {
  const leasedSince = new Map<string, number>()
  return function deploying(
    machines: readonly Machine[],
    current: FlyRelease | null,
    now: number,
  ): ReadonlySet<string> {
    const leased = machines.filter(({ lease }) => lease !== undefined && (lease.expires_at ?? 0) * 1_000 > now)
    for (const { id } of leased) if (!leasedSince.has(id)) leasedSince.set(id, now)
    const held = new Set(leased.map(({ id }) => id))
    for (const id of leasedSince.keys()) if (!held.has(id)) leasedSince.delete(id)
    const working = new Set([...leasedSince].filter(([, since]) => now - since <= deployMs).map(([id]) => id))
    const rolling =
      current !== null && begun.has(current.status) && now - Date.parse(current.createdAt) <= deployMs
        ? current.version
        : undefined
    if (rolling !== undefined)
      for (const machine of machines) if (releaseVersion(machine) === rolling) working.add(machine.id)
    return working
  }
}
