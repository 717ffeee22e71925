import type { RecordedEvent } from '@firebreak/core'
import type { SeveritySpan } from './time-in-severity.ts'
import type { Mark } from './marks.ts'

/** What a sentence is taken from. */
export type Source = Pick<RecordedEvent, 'stream' | 'version' | 'id'>

/** A fact with its sources, a blank for a person, a table of facts, or the timeline. All text is plain and cleaned. */
export type Block =
  | { readonly kind: 'fact'; readonly text: string; readonly sources: readonly Source[] }
  | { readonly kind: 'blank'; readonly label: string; readonly prompt: string }
  | {
      readonly kind: 'table'
      readonly caption: string
      readonly head: readonly string[]
      readonly rows: readonly (readonly Cell[])[]
    }
  | { readonly kind: 'timeline'; readonly rows: readonly TimelineRow[] }

export type Cell = { readonly text: string; readonly sources?: readonly Source[] } | { readonly blank: string }

/** One event, or a run of routine ones told together. */
export interface TimelineRow {
  readonly time: string
  readonly type: string
  readonly text: string
  readonly sources: readonly Source[]
  readonly routine: boolean
  /** Of a run: each of its events. */
  readonly members?: readonly TimelineRow[]
}

export interface Section {
  readonly id: string
  readonly title: string
  readonly blocks: readonly Block[]
}

export interface Tile {
  readonly label: string
  readonly value: string
}

/** The whole document before it is written in any markup. */
export interface Report {
  readonly title: string
  readonly code: string
  readonly service: string
  readonly incident: string
  readonly worst: string
  readonly status: string
  readonly lead: string
  readonly tiles: readonly Tile[]
  readonly chart: {
    readonly from: number
    readonly until: number
    readonly spans: readonly SeveritySpan[]
    readonly marks: readonly Mark[]
  } | null
  readonly sections: readonly Section[]
  readonly timeZone: string
}

export const fact = (text: string, ...sources: readonly (Source | undefined)[]): Block => ({
  kind: 'fact',
  text,
  sources: sources.filter((source) => source !== undefined),
})

export const blank = (label: string, prompt: string): Block => ({ kind: 'blank', label, prompt })
