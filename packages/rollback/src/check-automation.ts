import { InvalidInput, severities, type SuspectVerdict } from '@firebreak/core'
import type { Automation, AutomationMode } from './automation.ts'

const modes = new Set<unknown>(['off', 'shadow', 'approve', 'auto'] satisfies AutomationMode[])
const verdicts = new Set<string>(['suspected', 'possible', 'not-suspected'] satisfies SuspectVerdict[])
const levels = new Set<string>(severities)
/** What no configuration makes automatic. */
const neverAutomatic: readonly (readonly [
  keyof Pick<Automation, 'rollback' | 'restart' | 'isolate' | 'scale'>,
  string,
])[] = [
  ['rollback', 'P2'],
  ['rollback', 'P3'],
  ['restart', 'P2'],
  ['restart', 'P3'],
  ['isolate', 'P2'],
  ['isolate', 'P3'],
]

/** Refuses numbers and modes that cannot be meant, and what may never be automatic. */
export function checkAutomation(automation: Automation): void {
  mode('mode', automation.mode)
  for (const kind of ['restart', 'isolate', 'scale'] as const)
    for (const [level, each] of Object.entries(automation[kind])) {
      severity(`${kind}.${level}`, level)
      mode(`${kind}.${level}`, each)
    }
  for (const [level, byVerdict] of Object.entries(automation.rollback)) {
    severity(`rollback.${level}`, level)
    for (const [verdict, each] of Object.entries(byVerdict)) {
      const field = `rollback.${level}.${verdict}`
      if (!verdicts.has(verdict)) throw new InvalidInput(field, `is no verdict: use ${[...verdicts].join(', ')}`)
      mode(field, each)
      if (each === 'auto' && verdict !== 'suspected')
        throw new InvalidInput(field, "only a suspected release is rolled back without a person: use 'approve'")
    }
  }
  if (Object.values(automation.scale).includes('auto'))
    throw new InvalidInput('scale', "scaling is never automatic: use 'approve'")
  for (const [kind, level] of neverAutomatic) {
    const allowed = (automation[kind] as Record<string, unknown>)[level]
    const any = typeof allowed === 'object' && allowed !== null ? Object.values(allowed) : [allowed]
    if (any.includes('auto')) throw new InvalidInput(`${kind}.${level}`, `nothing is automatic at ${level}`)
  }
  const { neverBelow } = automation
  if (neverBelow !== undefined && !(Number.isSafeInteger(neverBelow) && neverBelow > 0))
    throw new InvalidInput('neverBelow', "must be a release's number such as 12")
  numbers('', automation)
}

function mode(field: string, value: unknown): void {
  if (!modes.has(value)) throw new InvalidInput(field, `must be one of ${[...modes].join(', ')}, not ${String(value)}`)
}

function severity(field: string, level: string): void {
  if (!levels.has(level)) throw new InvalidInput(field, `is no level: use ${severities.join(', ')}`)
}

/** Every number finite and not negative; ratios and shares at most 1. */
function numbers(path: string, value: object): void {
  for (const [key, each] of Object.entries(value) as [string, unknown][]) {
    const field = path === '' ? key : `${path}.${key}`
    if (typeof each === 'object' && each !== null) numbers(field, each)
    if (typeof each !== 'number') continue
    if (!Number.isFinite(each) || each < 0) throw new InvalidInput(field, 'must be a number, 0 or more')
    if (/(?:Ratio|Share)$/.test(key) && each > 1)
      throw new InvalidInput(field, `is a part of 1: ${each} is more than all`)
  }
}
