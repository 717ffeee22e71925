import type { Incident } from '@firebreak/core'

const acting = /^(rollback|restart|isolate|scale)\b/

/** Is something being done about it right now? Planning alone is nothing: a plan may be waiting for an approval. */
export function isMitigating({ actions, plannedAt, units, mitigations, status }: Readonly<Incident>): boolean {
  if (status === 'resolved') return false
  for (const { key, finished } of actions.values()) if (finished === undefined && acting.test(key)) return true
  if (plannedAt === undefined || units.size === 0) return false
  return mitigations.every(({ at }) => at < plannedAt)
}
