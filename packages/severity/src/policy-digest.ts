import { createHash } from 'node:crypto'
import type { SeverityPolicy } from './policy.ts'

/** Names a policy by its content, whatever the order of its fields: `incident.opened` carries it. 64 hexadecimal digits. */
export function policyDigest(policy: SeverityPolicy): string {
  return createHash('sha256').update(canonical(policy)).digest('hex')
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return `{${fields
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`)
    .join()}}`
}
