import { assertPositive } from './bounds.ts'
import type { Bus, Teller } from './bus.ts'
import { systemClock, type Clock } from './clock.ts'
import type { BusOnlyEvents, SignalObserved } from './events.ts'
import { applyEvent, emptyIncident } from './fold/incident.ts'
import { readOn } from './fold/stream.ts'
import type { Incident } from './incident.ts'
import type { IncidentLog, Position } from './incident-log.ts'
import type { RecordedEvent, StreamId } from './recorded.ts'

export interface RelayOptions {
  /** Ends the relay. */
  readonly signal: AbortSignal
  /** How often to look when the log does not tell, in milliseconds; default 1,000. */
  readonly pollMs?: number | undefined
  /** Where to go on from: a position given by `onPosition` of an earlier run. Default: the end, as of now. */
  readonly after?: Position | undefined
  /** Told after each batch: everything up to here has been emitted. Store it to miss nothing across a restart. */
  readonly onPosition?: ((position: Position) => void) | undefined
  readonly clock?: Clock | undefined
}

/** How many events are told before incidents that changed are told. */
const batch = 256
/** What must not be faked by a record: these are only ever told by ourselves. */
const busOnly: Readonly<Record<keyof BusOnlyEvents, true>> = {
  'incident.changed': true,
  'listener.failed': true,
  'relay.failed': true,
  'probe.failed': true,
  'fly.requested': true,
}

/**
 * The one pump by which recorded events reach a bus. Tells each as `[data, recorded]`, a batch of signals one by one, and
 * `incident.changed` for every open incident: at the start, after its events, and when a claim on it runs out or a retry
 * falls due. Nothing is lost between an append and a listener, provided that the listener acts on `incident.changed`.
 * Goes on when the log fails (`relay.failed`); ends, without a timer or a subscription left, when the signal aborts.
 */
export async function relay(log: IncidentLog, bus: Teller | Bus, options: RelayOptions): Promise<void> {
  const { signal, clock = systemClock, pollMs = 1_000, onPosition } = options
  assertPositive(pollMs, 'pollMs')
  const tell = (bus as unknown as { emit(name: string, ...payload: unknown[]): void }).emit.bind(bus)
  const incidents = new Map<StreamId, Incident>()
  let position = options.after
  let lookedAt = clock.now()
  let started = false
  let wake = new AbortController()
  let missed = false
  const subscription = log.subscribe?.(() => {
    missed = true
    wake.abort()
  })

  async function start() {
    position ??= await endOf(log, signal)
    for await (const { stream } of log.list({ status: ['open', 'mitigated'], signal })) await follow(stream)
    started = true
    for (const incident of incidents.values()) tell('incident.changed', { incident })
  }
  async function follow(stream: StreamId): Promise<Incident> {
    const incident = await readOn(log, incidents.get(stream) ?? emptyIncident(stream))
    incidents.set(stream, incident)
    return incident
  }
  /** Tells what is new; gives whether there may be more. */
  async function pump(): Promise<boolean> {
    const touched = new Set<StreamId>()
    let count = 0
    for await (const event of log.readAll({ after: position, limit: batch })) {
      if (signal.aborted) return false
      const { position: reached, ...recorded } = event
      if (recorded.stream.startsWith('incident/')) {
        touched.add(recorded.stream)
        const known = incidents.get(recorded.stream)
        if (known !== undefined && known.version + 1 === recorded.version) applyEvent(known, recorded)
        else if (known === undefined || known.version < recorded.version) await follow(recorded.stream)
      }
      position = reached
      count += 1
      emit(recorded)
    }
    for (const stream of touched) changed(stream)
    if (count > 0 && position !== undefined) onPosition?.(position)
    return count >= batch
  }
  function emit(recorded: RecordedEvent) {
    if (Object.hasOwn(busOnly, recorded.type)) return
    if (recorded.type !== 'signal.observed') return tell(recorded.type, recorded.data, recorded)
    const { also = [], ...first } = recorded.data as SignalObserved
    for (const observed of [first, ...also]) tell(recorded.type, observed, recorded)
  }
  function changed(stream: StreamId) {
    const incident = incidents.get(stream)
    if (incident === undefined) return
    if (incident.status === 'resolved') incidents.delete(stream)
    else tell('incident.changed', { incident })
  }
  /** Claims that ran out, and retries that fell due, since the last look. */
  function due() {
    const now = clock.now()
    for (const [stream, incident] of incidents)
      if (dueTimes(incident).some((at) => at > lookedAt && at <= now)) changed(stream)
    lookedAt = now
  }
  function nextLook(): number {
    const next = [...incidents.values()].flatMap(dueTimes).filter((at) => at > lookedAt)
    return Math.min(clock.now() + pollMs, ...next)
  }
  async function rest(milliseconds: number) {
    if (!missed) await clock.sleep(milliseconds, AbortSignal.any([signal, wake.signal])).catch(() => undefined)
    if (wake.signal.aborted) wake = new AbortController()
    missed = false
  }

  try {
    while (!signal.aborted) {
      try {
        if (!started) await start()
        while (!signal.aborted && (await pump()));
        if (signal.aborted) break
        due()
        await rest(nextLook() - clock.now())
      } catch (error) {
        if (signal.aborted) break
        tell('relay.failed', { error, retryInMs: pollMs })
        await clock.sleep(pollMs, signal).catch(() => undefined)
      }
    }
  } finally {
    subscription?.close()
  }
}

async function endOf(log: IncidentLog, signal: AbortSignal): Promise<Position | undefined> {
  if (log.head !== undefined) return log.head()
  let position: Position | undefined
  for await (const event of log.readAll()) {
    if (signal.aborted) return position
    position = event.position
  }
  return position
}

/** When something about the claims of an incident falls due, in milliseconds since the epoch. */
function dueTimes(incident: Readonly<Incident>): number[] {
  return [...incident.actions.values()].flatMap(({ finished, deadlineAt, retryAt }) => {
    if (finished === undefined) return [deadlineAt]
    return finished.outcome === 'retry' && retryAt !== undefined ? [retryAt] : []
  })
}
