/** How much of what a log takes. Generous for events, and a bound on what a mistake or an attacker can store. */
export const limits = {
  /** Characters of one event's data as JSON. */
  data: 1_048_576,
  /** Characters of data in one append. */
  append: 16_777_216,
  /** Events in one append. */
  events: 10_000,
  /** Writes in one append. */
  writes: 1_000,
  /** The version of a stream. */
  version: 2_147_483_647,
  /** Characters of a stream's name. */
  stream: 512,
  /** Characters of an event's type. */
  type: 128,
  /** Characters of an actor. */
  actor: 256,
  /** Characters of an id or a causation id: both may hold the name of a stream. */
  id: 640,
} as const
