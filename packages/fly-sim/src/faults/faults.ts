import type { Random } from '@firebreak/core'
import type { Machine } from '../world/machine.ts'
import type { Fault, FaultKind } from './fault.ts'

/** What an occasion looks like to a rule. */
export interface Occasion {
  readonly operation?: string | undefined
  readonly app?: string | undefined
  readonly machine?: Machine | undefined
  readonly image?: string | undefined
}

/** The rules in force. A rule that strikes is counted; one that merely holds is not. */
export interface Faults {
  /** The first rule of the kind that strikes at this occasion, counted against its `times`. */
  strike(kind: FaultKind, occasion: Occasion): Fault | undefined
  /** The first rule of the kind that holds for a machine (or everywhere) now; nothing is counted. */
  active(kind: FaultKind, machine?: Machine): Fault | undefined
  /** Did a rule of the kind hold for the app at that time? */
  covers(kind: FaultKind, time: number, app: string): boolean
  /** Is there any rule of this kind at all? */
  mentions(kind: FaultKind): boolean
  readonly any: boolean
  add(fault: Fault): () => void
  clear(): void
  readonly rules: readonly Fault[]
}

interface Rule {
  readonly fault: Fault
  readonly from: number
  seen: number
  struck: number
}

export function createFaults(rules: readonly Fault[], random: Random, now: () => number, startedAt: number): Faults {
  const held: Rule[] = []
  const add = (fault: Fault) => {
    const rule: Rule = { fault, from: startedAt, seen: 0, struck: 0 }
    held.push(rule)
    return () => {
      const index = held.indexOf(rule)
      if (index >= 0) held.splice(index, 1)
    }
  }
  for (const fault of rules) add(fault)

  const inTime = ({ fault, from }: Rule, time = now()) => {
    const age = time - from
    return age >= (fault.fromMs ?? 0) && age < (fault.untilMs ?? Infinity)
  }

  return {
    strike(kind, occasion) {
      for (const rule of held) {
        const { fault } = rule
        if (fault.kind !== kind || !inTime(rule) || !fits(fault, occasion)) continue
        const limit = fault.times ?? (fault.probability === undefined ? 1 : Infinity)
        if (rule.struck >= limit) continue
        rule.seen += 1
        if (rule.seen <= (fault.skip ?? 0)) continue
        if (fault.probability !== undefined && random() >= fault.probability) continue
        rule.struck += 1
        return fault
      }
      return undefined
    },
    active: (kind, machine) =>
      held.find(
        (rule) => rule.fault.kind === kind && inTime(rule) && (machine === undefined || fits(rule.fault, { machine })),
      )?.fault,
    covers: (kind, time, app) =>
      held.some((rule) => rule.fault.kind === kind && inTime(rule, time) && (rule.fault.app ?? app) === app),
    mentions: (kind) => held.some(({ fault }) => fault.kind === kind),
    get any() {
      return held.length > 0
    },
    add,
    clear: () => void (held.length = 0),
    get rules() {
      return held.map(({ fault }) => fault)
    },
  }
}

function fits(fault: Fault, { operation, app, machine, image }: Occasion): boolean {
  if (fault.operation !== undefined && operation !== undefined && !matches(fault.operation, operation)) return false
  const inApp = machine?.app ?? app
  if (fault.app !== undefined && fault.app !== inApp) return false
  if (fault.machine !== undefined && fault.machine !== machine?.id && fault.machine !== machine?.name) return false
  if (fault.region !== undefined && fault.region !== machine?.region) return false
  return fault.image === undefined || image === undefined || fault.image === image
}

function matches(pattern: string, operation: string): boolean {
  return (
    pattern === '*' || pattern === operation || (pattern.endsWith('.*') && operation.startsWith(pattern.slice(0, -1)))
  )
}
