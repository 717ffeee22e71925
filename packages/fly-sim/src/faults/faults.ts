import type { Random } from '@firebreak/core'
import type { Machine } from '../world/machine.ts'
import type { Fault, FaultKind, HoldingFaultKind, StrikingFaultKind } from './fault.ts'

/** What an occasion looks like to a rule. */
export interface Occasion {
  readonly operation?: string | undefined
  readonly app?: string | undefined
  readonly machine?: Machine | undefined
  readonly image?: string | undefined
}

/** The rules in force. A rule that strikes is counted; one that holds is not. */
export interface Faults {
  /** The first rule of the kind that strikes at this occasion, counted against its `times`. */
  strike(kind: StrikingFaultKind, occasion: Occasion): Fault | undefined
  /** The first rule of the kind that holds now, for the machine or image when one is given. */
  active(kind: HoldingFaultKind, occasion?: Pick<Occasion, 'machine' | 'image'>): Fault | undefined
  /** Did a rule of the kind hold for the app at that time? */
  covers(kind: HoldingFaultKind, time: number, app: string): boolean
  /** Is there any rule of this kind at all? */
  mentions(kind: FaultKind): boolean
  readonly any: boolean
  add(fault: Fault): () => void
  clear(): void
}

export interface FaultsOptions {
  readonly random: Random
  readonly now: () => number
  /** Milliseconds since the epoch from which the rules' times count. */
  readonly startedAt: number
  /** A rule was added, ended, or is about to begin or end at some time: whoever rests must look again then. */
  readonly changed: (fault: Fault, times: readonly number[]) => void
}

interface Rule {
  readonly fault: Fault
  seen: number
  struck: number
}

export function createFaults({ random, now, startedAt, changed }: FaultsOptions): Faults {
  const rules: Rule[] = []

  const inTime = ({ fault: { fromMs = 0, untilMs = Infinity } }: Rule, time = now()) => {
    const age = time - startedAt
    return age >= fromMs && age < untilMs
  }

  return {
    strike(kind, occasion) {
      for (const rule of rules) {
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
    active: (kind, occasion = {}) =>
      rules.find((rule) => rule.fault.kind === kind && inTime(rule) && fits(rule.fault, occasion))?.fault,
    covers: (kind, time, app) =>
      rules.some((rule) => rule.fault.kind === kind && inTime(rule, time) && (rule.fault.app ?? app) === app),
    mentions: (kind) => rules.some(({ fault }) => fault.kind === kind),
    get any() {
      return rules.length > 0
    },
    add(fault) {
      const rule: Rule = { fault, seen: 0, struck: 0 }
      rules.push(rule)
      const edges = [fault.fromMs ?? 0, fault.untilMs].filter((edge) => edge !== undefined)
      changed(
        fault,
        edges.map((edge) => Math.max(now(), startedAt + edge)),
      )
      return () => {
        const index = rules.indexOf(rule)
        if (index < 0) return
        rules.splice(index, 1)
        changed(fault, [now()])
      }
    },
    clear() {
      for (const { fault } of rules.splice(0)) changed(fault, [now()])
    },
  }
}

function fits(fault: Fault, { operation, app, machine, image }: Occasion): boolean {
  if (fault.operation !== undefined && operation !== undefined && !matches(fault.operation, operation)) return false
  const inApp = machine?.app ?? app
  if (fault.app !== undefined && inApp !== undefined && fault.app !== inApp) return false
  if (fault.app !== undefined && inApp === undefined && operation !== undefined) return false
  if (machine !== undefined || operation !== undefined) {
    if (fault.machine !== undefined && fault.machine !== machine?.id && fault.machine !== machine?.name) return false
    if (fault.region !== undefined && fault.region !== machine?.region) return false
    if (fault.host !== undefined && fault.host !== machine?.host) return false
  }
  return fault.image === undefined || image === undefined || fault.image === image
}

function matches(pattern: string, operation: string): boolean {
  return (
    pattern === '*' || pattern === operation || (pattern.endsWith('.*') && operation.startsWith(pattern.slice(0, -1)))
  )
}
