import { severities, type Severity } from '@firebreak/core'
import type { KeyState, SeverityState } from './severity-state.ts'

/**
 * The same state in less memory: of keys whose past does not count (facts, and figures that are calm) nothing is kept but
 * what they hold. `assessSeverity` goes on from it as from the state itself, and takes a little longer. For storms.
 */
export function condenseSeverity(state: SeverityState): SeverityState {
  const keys: KeyState[] = []
  const facts: Partial<Record<Severity, string[]>> = {}
  for (const key of state.keys) {
    if (hasPast(key)) keys.push(key)
    else if (key.holds !== null) (facts[key.holds] ??= []).push(key.key)
  }
  return { ...state, keys, facts }
}

function hasPast({ runs, conclusive, inconclusive }: KeyState): boolean {
  return !conclusive || inconclusive.length > 0 || severities.some((level) => runs[level] > 0)
}

/** What a key held by a fact before its last word. */
export function heldByFact(facts: SeverityState['facts'], key: string): Severity | null {
  return severities.find((level) => facts?.[level]?.includes(key)) ?? null
}
