import { severities, type Severity } from '@firebreak/core'
import type { KeyState, SeverityState } from './severity-state.ts'

/**
 * The same state in less memory: of keys whose past does not count (facts, and figures that are calm) nothing is kept but
 * what they hold. `assessSeverity` goes on from it as from the state itself, and takes a little longer. For storms.
 */
export function condenseSeverity(state: SeverityState): SeverityState {
  const keys = state.keys.filter(hasPast)
  const facts: Partial<Record<Severity, readonly string[]>> = {}
  for (const level of severities) {
    const holding = state.keys.filter((key) => key.holds === level && !hasPast(key))
    if (holding.length > 0) facts[level] = holding.map(({ key }) => key)
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
