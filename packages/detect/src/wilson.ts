/** 97.5 % one-sided. */
const z = 1.96

/** Lower end of the Wilson score interval: what the true ratio surely exceeds, having seen so many failures of so many trials. */
export function wilsonLowerBound(failures: number, trials: number): number {
  if (trials <= 0) return 0
  const ratio = failures / trials
  const square = z * z
  const centre = ratio + square / (2 * trials)
  const spread = z * Math.sqrt((ratio * (1 - ratio)) / trials + square / (4 * trials * trials))
  return Math.max(0, (centre - spread) / (1 + square / trials))
}
