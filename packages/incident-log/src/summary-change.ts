import type { IncidentSummary } from '@firebreak/core'

/** Does a list show something new? Version and time of the last event are read from elsewhere and do not count. */
export function showsMore(
  before: IncidentSummary | undefined,
  after: IncidentSummary | undefined,
): after is IncidentSummary {
  if (after === undefined) return false
  if (before === undefined) return true
  const keys = Object.keys(after) as (keyof IncidentSummary)[]
  if (keys.length !== Object.keys(before).length) return true
  return keys.some((key) => key !== 'version' && key !== 'updatedAt' && after[key] !== before[key])
}
