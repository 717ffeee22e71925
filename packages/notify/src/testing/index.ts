/**
 * For those who write a notifier: the conformance suite, its loopback server and its sample pages.
 */
export type { DescribeNotifierOptions, NotifierFactory } from './describe-notifier.ts'
export type { Loopback, LoopbackAnswer, SeenRequest } from './loopback.ts'
export type { TargetManners } from './lying-targets.ts'
export type { StatusCase } from './status-table.ts'

export { describeNotifier } from './describe-notifier.ts'
export { startTarget, targetManners } from './lying-targets.ts'
export { startLoopback } from './loopback.ts'
export { hostilePage, hostileText, samplePage } from './sample-pages.ts'
export { statusTable, throttleTable } from './status-table.ts'
