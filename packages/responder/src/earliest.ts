/** The first of some times, in milliseconds since the epoch; those that never come are left out. `undefined`: none comes. */
export function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const first = Math.min(...times.map((time) => time ?? Infinity))
  return first === Infinity ? undefined : first
}
