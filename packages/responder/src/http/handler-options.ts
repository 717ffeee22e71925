import type { House } from '../loop/house.ts'
import type { Streams } from '../loop/streams.ts'
import type { Measures } from '../measures.ts'
import type { Responder } from '../responder.ts'
import type { HttpOptions } from './options.ts'

export interface HandlerOptions {
  readonly http: HttpOptions | undefined
  readonly responder: () => Responder
  readonly house: House
  readonly streams: Streams
  readonly measures: Measures
  readonly stopping: AbortSignal
  /** Has the log refused an append a moment ago? */
  readonly refusedLately: () => boolean
}
