/** For those who test against a deploy target, or write one: a platform in memory, and the suite that a target must pass. */

export type { MemoryTarget, MemoryTargetCall, MemoryTargetOptions } from './memory-target.ts'
export type { MemoryCall, MemoryFault } from './memory-faults.ts'
export type { Behaviour } from './memory-traffic.ts'
export type { DeployTargetSubject, DeployTargetTraits } from './deploy-target-kit.ts'
export { memoryTarget } from './memory-target.ts'
export { describeDeployTarget } from './describe-deploy-target.ts'
