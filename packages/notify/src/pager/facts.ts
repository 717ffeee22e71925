import type { JsonObject, Link, PageRequested, Receipt } from '@firebreak/core'

/** What a request carries besides its text, as `facts`. Recorded: read with care, an older writer may have left things out. */
export interface RequestFacts {
  /** Which rung or update this is; requested once. */
  readonly identity?: string
  readonly step?: string
  /** The desk that was told, so that a withdrawal finds it on the next day. */
  readonly desk?: string
  readonly channels?: 'all' | 'first'
  readonly next?: readonly { readonly at: string; readonly what: string }[]
  readonly links?: readonly Link[]
  /** Notifiers that have sent this role a page about it, perhaps by yesterday's desk. */
  readonly toldBy?: readonly string[]
  /** The last receipt of each notifier, so that a thread goes on after midnight. */
  readonly previous?: Readonly<Record<string, Receipt>>
}

export function factsOf({ facts }: PageRequested): RequestFacts {
  return typeof facts === 'object' && facts !== null && !Array.isArray(facts) ? (facts as unknown as RequestFacts) : {}
}

/** Without the members that are undefined: recorded data has none. */
export function toJson(facts: RequestFacts): JsonObject {
  return JSON.parse(JSON.stringify(facts)) as JsonObject
}
