import type { StreamId } from '@firebreak/core'
import type { Queue } from './queue.ts'
import type { WatchedService } from './watched-service.ts'

/** A service at the intake. */
export interface Entry {
  readonly watched: WatchedService
  /** Its signals, one batch at a time. */
  readonly queue: Queue
  /** Its newest incident has been looked up. */
  loaded: boolean
}

export function incidentStream({ name, newest }: WatchedService): StreamId {
  return `incident/${name}/${newest}`
}
