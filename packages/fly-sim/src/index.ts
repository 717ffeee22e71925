/**
 * Fly.io on localhost: the Machines API, releases, GraphQL, logs, Prometheus and the status page over one stateful,
 * faulty world. `createFlySim` is all there is to it; `shipImage` deploys to it (or to anything that speaks Fly's API)
 * as flyctl would. What is under `admin`, and under `/_sim/` over HTTP, is ours and not Fly's.
 */

export type { FlySim, FlySimListening } from './sim.ts'
export type { FlySimOptions, SimApp, SimCheck, SimImage, SimMachine, SimRelease, SimToken, Timing } from './options.ts'
export type { Answers, AnswersByPath, Behaviour, Exit, Latency, Phase } from './behaviour.ts'
export type { Fault, FaultKind, HoldingFaultKind, StrikingFaultKind } from './faults/fault.ts'
export type { RandomFaultsOptions } from './faults/random-faults.ts'
export type { FlySimAdmin, MachineFacts, ShipRequest } from './admin/admin.ts'
export type { LoggedCall } from './api/call-log.ts'
export type { PlatformIncident } from './api/statuspage.ts'
export type { ShipErrorCode, ShipOptions, ShipOutcome } from './ship/ship-image.ts'

export { createFlySim } from './sim.ts'
export { randomFaults } from './faults/random-faults.ts'
export { shipImage } from './ship/ship-image.ts'
