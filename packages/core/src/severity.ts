/** How bad it is, worst first. The runbook's four levels; "no level" is `null`, never a fifth word. */
export type Severity = 'P0' | 'P1' | 'P2' | 'P3'

/** All levels, worst first. */
export const severities: readonly Severity[] = ['P0', 'P1', 'P2', 'P3']

/** Negative when `left` is worse than `right`, as a sort function wants it. `null` is better than P3. */
export function compareSeverity(left: Severity | null, right: Severity | null): number {
  return rank(left) - rank(right)
}

/** The worse of the two. */
export function worst(left: Severity | null, right: Severity | null): Severity | null {
  return compareSeverity(left, right) <= 0 ? left : right
}

function rank(severity: Severity | null): number {
  return severity === null ? severities.length : severities.indexOf(severity)
}
