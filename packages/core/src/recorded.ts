import type { EventData, EventType } from './events.ts'

/**
 * The name of a stream: `incident/<service>/<n>`, `service/<name>`, `desk/<role>/<day>`, or one of your own.
 * Segments are separated by `/` and hold no control characters.
 */
export type StreamId = string

/** An event that a writer wants recorded. */
export interface NewEvent<Type extends string = string> {
  readonly type: Type
  /** Who caused it: 'responder', 'person:mia', 'intake:alertmanager', … */
  readonly actor: string
  readonly data: DataOf<Type>
  /** Explicit ids are unique in their stream for ever: the same id with the same content is stored once. */
  readonly id?: string
  /** RFC 3339; when it happened, by the writer's clock. The log adds `recordedAt`. */
  readonly at?: string
  readonly causationId?: string
}

/** The data of a known event type; of an unknown one, any object. */
export type DataOf<Type extends string> = string extends Type
  ? object
  : Type extends EventType
    ? EventData[Type]
    : object

/** An event as the log keeps it. Immutable. */
export interface RecordedEvent<Type extends string = string> {
  /** Unique in its stream: given by the writer, or `<stream>@<version>`. */
  readonly id: string
  readonly stream: StreamId
  /** 1 for the first event of a stream, then dense. */
  readonly version: number
  readonly type: Type
  readonly at: string
  /** RFC 3339 by the log's clock. */
  readonly recordedAt: string
  readonly actor: string
  readonly causationId?: string
  readonly data: DataOf<Type>
  /** Links this event to the one before it: see `seal` and `verifyChain`. */
  readonly hash: string
  /** Salt of the data's digest; removed together with the data when the event is redacted. */
  readonly salt?: string
  /** Left by a redaction in place of data and salt; `data` is then `{ redacted: <reason> }`, and a fold only counts it. */
  readonly dataDigest?: string
  /** The stored bytes, where `data` was brought up to today's shape from an older one. */
  readonly storedData?: string
}

/** Narrows a recorded event to one type: `if (isEvent(event, 'page.sent')) event.data.to`. */
export function isEvent<Type extends EventType>(
  event: RecordedEvent,
  type: Type,
): event is RecordedEvent & RecordedEvent<Type> {
  return event.type === type
}
