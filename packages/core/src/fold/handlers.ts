import type { EventType } from '../events.ts'
import type { RecordedEvent } from '../recorded.ts'

/** What each known event type does to a state. A type that is not listed is kept in the log and ignored here. */
export type Handlers<State> = {
  readonly [Type in EventType]?: (state: State, event: RecordedEvent<Type>, at: number) => void
}

/**
 * One table of several; a later one outweighs an earlier one. A call, marked pure where it is made: a spread could run a
 * getter for all that a bundler knows, and would keep every fold in the bundle of a bare bus.
 */
export function mergeHandlers<State>(...tables: readonly Handlers<State>[]): Handlers<State> {
  return Object.assign({}, ...tables) as Handlers<State>
}

/** Applies one event: version and time first, then what the type means. An event seen before is ignored, a redacted one only counts. */
export function apply<State extends { version: number }>(
  handlers: Handlers<State>,
  state: State,
  event: RecordedEvent,
  at: number = Date.parse(event.at),
): State {
  if (event.version <= state.version) return state
  state.version = event.version
  if (event.dataDigest !== undefined) return state
  const handle = Object.hasOwn(handlers, event.type) ? handlers[event.type as EventType] : undefined
  if (handle !== undefined) (handle as (state: State, event: RecordedEvent, at: number) => void)(state, event, at)
  return state
}
