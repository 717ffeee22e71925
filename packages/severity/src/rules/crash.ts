import type { Symptom } from '@firebreak/core'
import type { SeverityPolicy } from '../policy.ts'
import type { Detail, Findings } from '../verdict.ts'

type Crash = Extract<Symptom, { kind: 'crash' }>

/** Requested stops are none. Over a longer span than the policy's, only what must have happened within one counts as a loop. */
export function judgeCrash(symptom: Crash, { crash }: SeverityPolicy, { reasons }: Findings): void {
  const { oom, exitCode, count, windowMs } = symptom
  if (count === 0 || (exitCode === 0 && !oom)) return
  const spans = Math.max(1, Math.ceil(windowMs / crash.windowMs))
  const level = Math.ceil(count / spans) >= crash.count ? crash.repeated : crash.fewer
  const detail: Detail = { oom, windowMs, loop: crash.count, loopMs: crash.windowMs }
  if (exitCode !== undefined) detail.exitCode = exitCode
  reasons.push({ level, rule: 'crash', observed: count, threshold: level === crash.repeated ? crash.count : 1, detail })
}
