import type { Signal } from '@firebreak/core'
import type { Finding } from './findings.ts'

/** When nothing is said of these, nothing is known: that is not "over". */
export function staysUnknown(key: string): boolean {
  return /^fly-(checks|errors)\/|^fly-platform$/.test(key)
}

/** A fact is told as over once, by whoever told it. These are facts of ours. */
const ours = /^fly-(running|crash|stuck|informational)\/|^fly-platform$/
/** Looks before what is not seen is over: some facts need two to be seen at all. */
const leastLooks = 3

/**
 * What an earlier process told as firing, and nobody has taken back. Gives what may be told as over: what this look says is
 * well, and what it does not see once it has looked often enough and for `afterMs` milliseconds. What was repeated within
 * `repeatedWithinMs` is another responder's, to end when it sees so.
 */
export function earlierFacts(afterMs: number, repeatedWithinMs: number) {
  let since: number | undefined
  let looks = 0
  return (
    onRecord: readonly Signal[],
    known: ReadonlySet<string>,
    findings: readonly (Finding | undefined)[],
    now: number,
  ): readonly Finding[] => {
    since ??= now
    looks += 1
    const settled = looks >= leastLooks && now - since >= afterMs
    const seen = new Set(findings.map((finding) => finding?.key))
    return onRecord
      .filter(({ key, status }) => status === 'firing' && ours.test(key) && !known.has(key))
      .filter(({ key, at }) => {
        const repeated = Date.parse(at) + repeatedWithinMs > now
        return seen.has(key) || (settled && !repeated && !staysUnknown(key))
      })
      .map(({ key, source, summary, symptoms }) => ({ key, source, summary, symptoms, status: 'firing' }))
  }
}
