import {
  serviceStream,
  type Desk,
  type Incident,
  type IncidentLog,
  type ServiceRecord,
  type StreamId,
} from '@firebreak/core'
import { follow, refresh, type Followed } from './subject.ts'

/** The streams that this process follows. What is not followed costs nothing. */
export interface Streams {
  /** Follows the stream; reads nothing yet. */
  of(stream: StreamId): Followed
  /** The same, read up to its end when it may be behind. */
  fresh(stream: StreamId): Promise<Followed>
  incident(stream: StreamId): Promise<Followed<Incident>>
  service(name: string): Promise<Followed<ServiceRecord>>
  known(stream: StreamId): Followed | undefined
  drop(stream: StreamId): void
  /** Lets go of what it holds, and does not forget that it is there. */
  putAside(stream: StreamId): void
  all(): Iterable<Followed>
  /** The incidents, those put aside too, that the own stream of a service has something to say about; `service/*`: all. */
  incidentsOf(service: StreamId): readonly StreamId[]
  readonly size: number
}

/** What is kept of a stream that was put aside. */
interface Plans extends Pick<Followed, 'planAt' | 'rest'> {
  readonly version: number
}

export function createStreams(log: IncidentLog): Streams {
  const followed = new Map<StreamId, Followed>()
  /** What was put aside and has not been read again since. */
  const aside = new Map<StreamId, Plans>()
  /** By what is read, and not by its name: what was let go of meanwhile is not what is followed now. */
  const loading = new Map<Followed, Promise<void>>()

  function of(stream: StreamId): Followed {
    let entry = followed.get(stream)
    if (entry === undefined) followed.set(stream, (entry = follow(stream)))
    return entry
  }

  async function readUp(entry: Followed): Promise<void> {
    await refresh(log, entry)
    // Put aside while it was read: the plans are for whoever follows it next.
    if (followed.get(entry.stream) !== entry) return
    const plans = aside.get(entry.stream)
    aside.delete(entry.stream)
    // Nothing has happened since it was put aside: it need not be planned again because somebody looked at it.
    if (plans?.version === entry.state.version)
      Object.assign(entry, { news: false, planAt: plans.planAt, rest: plans.rest })
  }

  async function fresh(stream: StreamId): Promise<Followed> {
    const entry = of(stream)
    // What is just being read is not read yet: half of a stream is nothing to decide by.
    if (!entry.stale && !loading.has(entry)) return entry
    // Two readers of one tail would fold it twice at the same time.
    const running = loading.get(entry) ?? readUp(entry).finally(() => loading.delete(entry))
    loading.set(entry, running)
    await running
    return entry
  }

  return {
    of,
    fresh,
    incident: async (stream) => (await fresh(stream)) as Followed<Incident>,
    service: async (name) => (await fresh(serviceStream(name))) as Followed<ServiceRecord>,
    known: (stream) => followed.get(stream),
    drop(stream) {
      followed.delete(stream)
      aside.delete(stream)
    },
    putAside(stream) {
      const entry = followed.get(stream)
      if (entry === undefined) return
      followed.delete(stream)
      aside.set(stream, { version: entry.state.version, planAt: entry.planAt, rest: entry.rest })
    },
    all: () => followed.values(),
    incidentsOf(service) {
      const prefix = service === serviceStream('*') ? 'incident/' : service.replace('service/', 'incident/').concat('/')
      return [...followed.keys(), ...aside.keys()].filter((stream) => stream.startsWith(prefix))
    },
    get size() {
      return followed.size
    },
  }
}

export function isDesk(followed: Followed): followed is Followed<Desk> {
  return followed.state.kind === 'desk'
}

export function isIncident(followed: Followed): followed is Followed<Incident> {
  return followed.state.kind === 'incident'
}
