import type { EventData, EventType } from '@firebreak/core'
import type { Loose } from '../said.ts'

export interface Telling {
  /** A time as the reader's clock shows it. */
  readonly time: (at: unknown) => string
}

/** One sentence for one event: plain text, one line, nothing untrusted in it that is not cleaned. */
export type Summary<Type extends EventType> = (data: Loose<EventData[Type]>, telling: Telling) => string
export type Summaries<Type extends EventType> = { readonly [Each in Type]: Summary<Each> }
