import type { MachineStanding } from './standing.ts'

export interface CheckVerdict {
  /** Machines that count now. */
  readonly total: number
  /** Of them, those that are not ill for long enough. */
  readonly passing: number
  readonly ill: readonly MachineStanding[]
  /** Some machine went to and fro. */
  readonly intermittent: boolean
  /** Something is ill, and it is too early to say so. */
  readonly undecided: boolean
}

interface Memory {
  illSince: number | undefined
  /** Observations in a row. */
  times: number
  was: 'well' | 'ill' | undefined
  /** When it changed, oldest first. */
  changes: number[]
}

export interface SettleRules {
  /** Two observations at least so far apart make an illness. */
  readonly settleMs: number
  /** Three changes within it are a flapping. */
  readonly flapMs: number
}

const flapping = 3

/** Two observations before anybody is told: one failed check is not a fact. */
export function checkMemory({ settleMs, flapMs }: SettleRules) {
  const memories = new Map<string, Memory>()
  return function judge(standings: readonly MachineStanding[], now: number): CheckVerdict {
    const ids = new Set(standings.map(({ machine }) => machine.id))
    for (const id of memories.keys()) if (!ids.has(id)) memories.delete(id)
    for (const { machine, standing } of standings) {
      const memory = memories.get(machine.id) ?? { illSince: undefined, times: 0, was: undefined, changes: [] }
      memories.set(machine.id, memory)
      memory.changes = memory.changes.filter((at) => at > now - flapMs)
      if (standing !== 'well' && standing !== 'ill') {
        memory.illSince = undefined
        memory.times = 0
        continue
      }
      if (memory.was !== undefined && memory.was !== standing) memory.changes.push(now)
      memory.was = standing
      if (standing === 'well') {
        memory.illSince = undefined
        memory.times = 0
      } else {
        memory.illSince ??= now
        memory.times += 1
      }
    }
    const counted = standings.filter(({ standing }) => standing === 'well' || standing === 'ill')
    const sick = counted.filter(({ standing }) => standing === 'ill')
    const ill = sick.filter(({ machine }) => {
      const memory = memories.get(machine.id)
      return memory?.illSince !== undefined && memory.times >= 2 && now - memory.illSince >= settleMs
    })
    return {
      total: counted.length,
      passing: counted.length - ill.length,
      ill,
      intermittent: counted.some(({ machine }) => (memories.get(machine.id)?.changes.length ?? 0) >= flapping),
      undecided: ill.length < sick.length,
    }
  }
}
