import type { Symptom } from '@firebreak/core'
import { bandOf, entryOf } from '../band.ts'
import type { SeverityPolicy } from '../policy.ts'
import type { Detail, Findings } from '../verdict.ts'

type Capacity = Extract<Symptom, { kind: 'capacity' }>

export function judgeCapacity({ resource, used }: Capacity, { capacity }: SeverityPolicy, { reasons }: Findings): void {
  const band = bandOf(capacity[resource], used)
  if (band === undefined) return
  const detail: Detail = { resource, exclusive: band.above !== undefined }
  if (band.note !== undefined) detail.note = band.note
  reasons.push({ level: band.level, rule: 'capacity', observed: used, threshold: entryOf(band), detail })
}
