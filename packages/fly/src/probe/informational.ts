import { informationalResults } from '../machines/facts.ts'
import type { Finding } from './findings.ts'
import type { MachineStanding } from './standing.ts'

/**
 * Informational checks take no machine out of the pool, so they never make a level by themselves: a warning. But they are
 * read by ourselves, and by another way than users' errors: together with those they are evidence. Each machine must fail
 * twice in a row; machines in grace or under a deploy do not count.
 */
export function informationalMemory() {
  const failing = new Map<string, number>()
  return function observe(app: string, standings: readonly MachineStanding[]): Finding | undefined {
    const counted = standings.filter(({ standing }) => standing === 'well' || standing === 'ill')
    for (const { machine } of standings)
      if (!counted.some((it) => it.machine.id === machine.id)) failing.delete(machine.id)
    const named: string[] = []
    let checks = 0
    for (const { machine } of counted) {
      const results = informationalResults(machine)
      checks += results.length
      const bad = results.filter(({ status }) => status === 'critical')
      const times = bad.length === 0 ? 0 : (failing.get(machine.id) ?? 0) + 1
      failing.set(machine.id, times)
      if (times >= 2) named.push(`${machine.id} (${machine.region}): ${bad.map(({ name }) => name).join(', ')}`)
    }
    if (checks === 0) return undefined
    const base = { key: `fly-informational/${app}`, source: 'fly-checks' }
    if (named.length === 0) return undefined
    const summary =
      `${named.length} of ${counted.length} machines fail an informational check; ${named.join('; ')}`.slice(0, 500)
    return { ...base, status: 'firing', summary, symptoms: [{ kind: 'warning', detail: summary }] }
  }
}
