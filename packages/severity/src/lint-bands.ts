import { compareSeverity, type Severity } from '@firebreak/core'
import { entryOf } from './band.ts'
import { boundsText } from './document/bounds-text.ts'
import type { Band } from './policy.ts'
import type { PolicyProblem, PolicyProblemCode } from './policy-refused.ts'

/** Whether the bands of one rule lie side by side from mild to worst: ordered, without gap, without overlap. */
export function lintBands(
  rule: string,
  bands: readonly Band[],
  format: (value: number) => string,
): readonly PolicyProblem[] {
  const problem = (code: PolicyProblemCode, levels: readonly Severity[], what: string): PolicyProblem => ({
    code,
    rule,
    levels: levels.toSorted(compareSeverity),
    message: `${rule}: ${what}`,
  })
  const worst = bands[0]
  const problems: PolicyProblem[] = []
  if (worst !== undefined && (worst.to ?? worst.below) !== undefined)
    problems.push(
      problem('POLICY_GAP', [worst.level], `nothing has a level over ${worst.level}; leave out its upper bound`),
    )
  for (const [index, milder] of bands.entries()) {
    const end = milder.to ?? milder.below
    if (end !== undefined && end < entryOf(milder))
      problems.push(
        problem('POLICY_UNORDERED', [milder.level], `${milder.level} ends at ${format(end)}, before it begins`),
      )
    const worse = bands[index - 1]
    if (worse === undefined) continue
    const found = between(worse, milder, format)
    if (found !== undefined) problems.push(problem(found.code, [worse.level, milder.level], found.what))
  }
  return problems
}

function between(worse: Band, milder: Band, format: (value: number) => string) {
  const two = `${worse.level} (${boundsText(worse, format)}) and ${milder.level} (${boundsText(milder, format)})`
  if (compareSeverity(worse.level, milder.level) > 0)
    return { code: 'POLICY_UNORDERED', what: `list the bands worst first: ${two}` } as const
  if (worse.level === milder.level)
    return { code: 'POLICY_OVERLAP', what: `${worse.level} is there twice: ${two}` } as const
  if (entryOf(worse) < entryOf(milder) || (entryOf(worse) === entryOf(milder) && worse.above === undefined))
    return { code: 'POLICY_UNORDERED', what: `${worse.level} must begin after ${milder.level}: ${two}` } as const
  const end = milder.to ?? milder.below ?? Infinity
  const begin = entryOf(worse)
  if (end > begin || (end === begin && milder.to !== undefined && worse.from !== undefined))
    return { code: 'POLICY_OVERLAP', what: `${two} overlap; let ${milder.level} end ${endAt(worse, format)}` } as const
  if (end < begin || (end === begin && milder.below !== undefined && worse.above !== undefined))
    return {
      code: 'POLICY_GAP',
      what: `a gap lies between ${two}; let ${milder.level} end ${endAt(worse, format)}`,
    } as const
  return undefined
}

function endAt({ from, above }: Band, format: (value: number) => string): string {
  return above === undefined ? `below ${format(from ?? 0)}` : `at ${format(above)}, included`
}
