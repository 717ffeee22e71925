/**
 * Lower end of the Wilson score interval for `failures` of `trials`: what the true ratio exceeds with the confidence of `z`
 * (1.96: 97.5 % one-sided). Increasing in the failures, and in the trials at the same ratio.
 */
export function wilsonLowerBound(failures: number, trials: number, z: number = 1.96): number {
  if (trials <= 0) return 0
  const ratio = Math.min(1, Math.max(0, failures / trials))
  const square = z * z
  const centre = ratio + square / (2 * trials)
  const spread = z * Math.sqrt((ratio * (1 - ratio)) / trials + square / (4 * trials * trials))
  return Math.max(0, (centre - spread) / (1 + square / trials))
}
