import type { Signal, StreamId } from '@firebreak/core'
import { createQueue, type Queue } from './queue.ts'
import { watchedService, type WatchedService } from './watched-service.ts'

/** A service at the intake. */
export class Entry {
  readonly watched: WatchedService
  /** Its signals, one batch at a time. */
  readonly queue: Queue
  /** Its newest incident has been looked up. */
  loaded = false

  constructor(name: string, take: (entry: Entry, signals: readonly Signal[]) => Promise<void>) {
    this.watched = watchedService(name)
    this.queue = createQueue(this, take)
  }
}

export function incidentStream({ name, newest }: WatchedService): StreamId {
  return `incident/${name}/${newest}`
}
