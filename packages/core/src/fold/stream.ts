import type { Desk } from '../desk.ts'
import type { Incident } from '../incident.ts'
import type { IncidentLog } from '../incident-log.ts'
import type { RecordedEvent, StreamId } from '../recorded.ts'
import type { ServiceRecord } from '../service.ts'
import { applyDeskEvent, emptyDesk } from './desk.ts'
import { applyEvent, emptyIncident } from './incident.ts'
import { applyServiceEvent, emptyService } from './service.ts'

/** What the events of a stream add up to, told by its name. A stream of your own folds as an incident does. */
export type StateOf<Stream extends StreamId> = Stream extends `service/${string}`
  ? ServiceRecord
  : Stream extends `desk/${string}`
    ? Desk
    : Incident

type AnyState = Incident | ServiceRecord | Desk

/** The state of a stream before its first event. */
export function emptyState<Stream extends StreamId>(stream: Stream): StateOf<Stream> {
  const state: AnyState = stream.startsWith('service/')
    ? emptyService(stream)
    : stream.startsWith('desk/')
      ? emptyDesk(stream)
      : emptyIncident(stream)
  return state as StateOf<Stream>
}

/** Reads on from where the state is, and folds what is new into it. */
export async function readOn<State extends AnyState>(log: IncidentLog, state: State): Promise<State> {
  for await (const event of log.read(state.stream, { from: state.version + 1 })) applyState(state, event)
  return state
}

function applyState(state: AnyState, event: RecordedEvent): void {
  if (state.kind === 'service') applyServiceEvent(state, event)
  else if (state.kind === 'desk') applyDeskEvent(state, event)
  else applyEvent(state, event)
}
