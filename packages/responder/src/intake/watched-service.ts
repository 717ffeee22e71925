import { sparse, type Signal, type SignalState } from '@firebreak/core'
import type { SeverityState } from '@firebreak/severity'

/** A signal as this process has heard it: with the repetitions that were not worth an append. */
export interface Heard extends SignalState {
  /** When it was last recorded, in milliseconds; 0: never. */
  recordedAt: number
  /** What was last recorded of it, by whomever: worse is news to those who hear by the log alone. */
  recorded: Signal | undefined
  /** Repetitions since. */
  unrecorded: number
  /** When it last changed between firing and resolved, in milliseconds. */
  changedAt?: number
  /** Its status against the level of the incident: a figure far below it is as good as over. */
  felt?: Signal['status']
}

/**
 * What this process remembers of a service between appends: what its incident has on record, and beside it what was heard
 * and is not there. Lost in a crash, it costs one observation.
 */
export interface WatchedService {
  readonly name: string
  /** By key: what was heard and is not, or not so, on record. */
  heard: Map<string, Heard>
  /** Of what was heard and is not on record. */
  ids: Set<string>
  /** The number of its newest incident; 0: none yet. */
  newest: number
  /** How often that one had been reopened when its record was taken up. */
  round: number
  /** What is on record in that round, by key: as the fold has it, and not to be written. */
  signals: ReadonlyMap<string, Readonly<SignalState>>
  /** The ids that are on record. */
  recordIds: ReadonlySet<string>
  /** The version of the record that what was heard has been compared with. */
  seeded: number
  /** The last round, of which incident, whose end is known here: what was said in it is over. */
  closed: { readonly number: number; readonly round: number }
  /** The last times of the keys of the incident before: what is not later is a late echo. */
  echoes: Map<string, number>
  severity: SeverityState | undefined
  /** The level as judged while the log takes nothing. */
  unlogged: SeverityState | undefined
  /** When its incident was judged last, in milliseconds, and what people had said until then. */
  judged: { readonly at: number; readonly told: string }
}

export const noSignals: WatchedService['signals'] = new Map()
export const noIds: WatchedService['recordIds'] = new Set()

const noRound: WatchedService['closed'] = { number: 0, round: 0 }

export function watchedService(name: string): WatchedService {
  return sparse({
    name,
    heard: new Map(),
    ids: new Set(),
    newest: 0,
    round: 0,
    signals: noSignals,
    recordIds: noIds,
    seeded: 0,
    closed: noRound,
    echoes: new Map(),
    severity: undefined,
    unlogged: undefined,
    judged: { at: 0, told: '' },
  })
}

/** The last word on a key: heard, or on record. */
export function wordOn({ heard, signals }: WatchedService, key: string): Readonly<SignalState> | undefined {
  return heard.get(key) ?? signals.get(key)
}

/** The last word on every key. */
export function words({ heard, signals }: WatchedService): Iterable<Readonly<SignalState>> {
  if (heard.size === 0) return signals.values()
  const all: Readonly<SignalState>[] = []
  for (const [key, state] of signals) all.push(heard.get(key) ?? state)
  for (const [key, it] of heard) if (!signals.has(key)) all.push(it)
  return all
}

/** How many keys something was said on. */
export function wordCount({ heard, signals }: WatchedService): number {
  let count = signals.size
  for (const key of heard.keys()) if (!signals.has(key)) count += 1
  return count
}
