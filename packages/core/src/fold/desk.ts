import type { Desk } from '../desk.ts'
import type { RecordedEvent, StreamId } from '../recorded.ts'
import { actionHandlers, pageHandlers } from './actions.ts'
import { apply, mergeHandlers } from './handlers.ts'

export function emptyDesk(stream: StreamId): Desk {
  const [, role = '', day = ''] = stream.split('/')
  return { kind: 'desk', stream, version: 0, role, day, pages: new Map(), actions: new Map() }
}

const handlers = /* @__PURE__ */ mergeHandlers<Desk>(actionHandlers, pageHandlers, {
  'digest.sent'(desk, _event, at) {
    desk.digestedAt = at
  },
})

/** Mutates and returns the desk of `desk/<role>/<day>`. */
export function applyDeskEvent(desk: Desk, event: RecordedEvent): Desk {
  return apply(handlers, desk, event)
}

export function reduceDesk(stream: StreamId, events: Iterable<RecordedEvent>): Desk {
  const desk = emptyDesk(stream)
  for (const event of events) applyDeskEvent(desk, event)
  return desk
}
