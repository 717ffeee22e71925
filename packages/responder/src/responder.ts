import {
  AbortedError,
  compareSeverity,
  createBus,
  createId,
  systemClock,
  systemRandom,
  type Bus,
  type Incident,
  type IncidentQuery,
  type IncidentSummary,
  type Presence,
  type Signal,
  type StreamId,
  type Subscription,
  type Teller,
} from '@firebreak/core'
import { watch } from '@firebreak/detect'
import { standardPolicy } from '@firebreak/severity'
import { checkMs, checkOptions } from './check-options.ts'
import { holdFromOutside } from './hold-from-outside.ts'
import { createHeartbeat } from './heartbeat.ts'
import { responseOf, type Answer } from './http/answer.ts'
import { createHandler } from './http/handler.ts'
import { checkSignals } from './intake/check-signals.ts'
import { createEmergency } from './intake/emergency.ts'
import { createIntake } from './intake/intake.ts'
import { createKeptSignals } from './intake/kept-signals.ts'
import { earliest } from './earliest.ts'
import { createNeighbours } from './intake/neighbours.ts'
import { silentLogger } from './logger.ts'
import { lookOnce } from './look-once.ts'
import { informedProbes } from './informed-probes.ts'
import { createAlarm } from './loop/alarm.ts'
import { catchUpOn } from './loop/catch-up.ts'
import { createCommitter } from './loop/commit.ts'
import { followByPolling } from './loop/follow.ts'
import type { House } from './loop/house.ts'
import { desksOf } from './loop/in-hand.ts'
import { createLoop } from './loop/loop.ts'
import { messageOf } from './loop/perform.ts'
import { namedDesks } from './loop/plan.ts'
import { countEvents } from './count-events.ts'
import { createMeasures } from './measures.ts'
import { endOfTurn, once } from './turns.ts'
import { createTracing } from './tracing.ts'
import { createSchedule } from './loop/schedule.ts'
import { createStreams } from './loop/streams.ts'
import type { Explanation } from './operate/explain.ts'
import { readIncident } from './operate/find.ts'
import type { Forecast } from './operate/forecast.ts'
import { createOperations, type Operations } from './operate/operate.ts'
import { createOutlook } from './operate/outlook.ts'
import type { ResponderOptions } from './options.ts'

/** An assembled responder. Nothing runs before `start`, `step` or `tick`; nothing is left after `stop`. */
export interface Responder extends Operations {
  /** Tells every event that this responder records. */
  readonly bus: Bus
  /** Resolves when the signals are durable; what they cause follows. Rejects when the log refuses, and takes nothing then. */
  ingest(signals: Signal | readonly Signal[]): Promise<void>
  incidents(query?: IncidentQuery): AsyncIterable<IncidentSummary>
  /** By code, stream or service. */
  incident(id: string): Promise<Readonly<Incident>>
  /** What happens next, and when, if nothing changes. */
  forecast(id: string): Promise<readonly Forecast[]>
  /** Why this level, why this page, why not that one, why nothing was changed. */
  explain(id: string): Promise<Explanation>
  /** A `Request → Response` handler, bound: mount it anywhere. */
  readonly fetch: (request: Request) => Promise<Response>
  /** The same for servers that send plain data themselves, which costs less: an answer that is ready comes without a `Response`. */
  readonly answer: (request: Request) => Promise<Response | Answer>
  /** Takes up what is open, then watches and acts until `stop`. Resolves when it has taken up. A stopped one does not start again. */
  start(): Promise<void>
  /** Starts everything that is due at `now` (default: the clock's); resolves with the time of the next due thing. */
  step(now?: number): Promise<number | undefined>
  /**
   * For cron and serverless: looks once with every probe, catches up on everything due, waits for what falls due within a second
   * after the looks (a first page waits half a second for others like it), and resolves with the time of the next due thing
   * after that. It waits for all that it begins, also for the slowest action: call it on one responder that is kept. What probes
   * and levels must see twice (two failed looks, two calm minutes) is counted in memory, and a new process begins to count anew:
   * one for each call never reaches two. Rejects after that when what a probe saw was not recorded. `stop` ends the waiting; it then resolves.
   */
  tick(now?: number): Promise<number | undefined>
  /**
   * Takes nothing new, finishes what runs within the deadline (default 10,000 ms), and gives the rest back. What does not listen
   * when it is told to stop is left behind after another 2 s.
   */
  stop(options?: { deadlineMs?: number | undefined }): Promise<void>
}

/** At a start, incidents that are read before those read so far are acted on. */
const adoptedTogether = 5
/** Of a desk with more events than this, others get their turn before the next desk is read. */
const longDesk = 500
/** With nothing due, the loop looks again after so long, in milliseconds. */
const longestSleepMs = 60_000
/** After our own append, another's is looked for so much later, in milliseconds. */
const echoMs = 500
/** The later, the more streams there are: in a storm all of them have echoes. */
const echoMsPerStream = 5
/** What is told to stop may take so long to give back what it had claimed, in milliseconds. */
const giveBackMs = 2_000
/** Of what is over, so many are looked at together with what is open: the newest. */
const endedFirst = 20
/** Then, of so many of the newest, those that ended or were told of within so many milliseconds: a day. */
const mostEnded = 1_000
const endedMs = 86_400_000

export function createResponder(options: ResponderOptions): Responder {
  checkOptions(options)
  const { log, parts, clock = systemClock, random = systemRandom, logger = silentLogger } = options
  const bus = options.bus ?? createBus()
  const house: House = {
    log,
    bus: bus as Bus & Teller,
    clock,
    random,
    logger,
    owner: createId(clock, random),
    heldFromOutside: holdFromOutside({ file: options.holdFile }),
  }
  const streams = createStreams(log)
  const probes = informedProbes(options.probes ?? [], streams)
  const schedule = createSchedule()
  const stopping = new AbortController()
  /** Aborted before it: nothing new is taken while what runs may still finish. */
  const draining = new AbortController()
  const measures = createMeasures()
  countEvents(house.bus, measures)
  const tracing = createTracing(bus)
  measures.gauge('streams_followed', () => streams.size)
  measures.gauge('actions_running', () => loop.running)
  measures.gauge('services_watched', () => intake.services)
  const emergency = createEmergency({ house, parts, stopping: stopping.signal })
  const heartbeat =
    options.heartbeat === undefined
      ? undefined
      : createHeartbeat(options.heartbeat, { ...house, refusing: () => emergency.refusing })
  const sleepMs = Math.min(longestSleepMs, (heartbeat?.everyMs ?? Infinity) / 2)
  let presence: Presence | undefined
  let wake = () => undefined as void

  const committer = createCommitter(
    house,
    streams,
    (stream, when) => loop.changed(stream, when),
    () => emergency.appended(),
    () => emergency.refused(),
  )
  const intake = createIntake({
    house,
    streams,
    committer,
    policy: options.policy ?? standardPolicy,
    neighbours: createNeighbours(options.linkWithinMs ?? 5 * 60_000),
    emergency,
    repeatEveryMs: options.repeatEveryMs ?? 60_000,
    reopenWithinMs: options.reopenWithinMs ?? 30 * 60_000,
  })
  const loop = createLoop({
    house,
    streams,
    committer,
    schedule,
    parts,
    presence: () => presence,
    stopping: stopping.signal,
    draining: draining.signal,
    mostInMemory: options.mostInMemory ?? 1_000,
    wake: () => wake(),
    planned: (milliseconds) => measures.observe('planning', milliseconds),
    assess: (incident, now) => intake.assess(incident, now),
    emergency,
  })
  const operations = createOperations({
    house,
    streams,
    committer,
    acknowledgementLapsesAfterMs: options.acknowledgementLapsesAfterMs,
  })

  const prepare = once(async () => {
    // Not waited for: what is performed until it is there is not traced.
    void tracing.load()
    await streams.service('*')
    presence = await log.presence?.(house.owner, { signal: stopping.signal })
  })

  /** Work at a start is proportional to what is open, the worst first, to the desks of these days, and to what was closed last. */
  async function adoptAll() {
    await prepare()
    const open: IncidentSummary[] = []
    for await (const summary of log.list({ status: ['open', 'mitigated'] })) open.push(summary)
    open.sort((one, other) => compareSeverity(one.severity, other.severity))
    for (const [index, { stream }] of open.entries()) {
      await adopt(stream)
      // A log that reads at once would let nobody act before the last one is read.
      if (index % adoptedTogether === adoptedTogether - 1) await endOfTurn()
    }
    // What waits there may be all that is left of an incident that is over: a digest, over a weekend and a storm.
    for (const desk of namedDesks(parts, clock.now(), logger)) await takeUpDesk(desk)
    for await (const { stream } of log.list({ status: ['resolved'], limit: endedFirst })) await adopt(stream)
  }
  const takeUp = once(adoptAll)

  /** Whoever went away while many ended owes their last words. Nobody waits for them: what is open comes first. */
  async function adoptEnded() {
    let number = 0
    for await (const { stream, updatedAt } of log.list({ status: ['resolved'], limit: mostEnded })) {
      number += 1
      if (stopping.signal.aborted) return
      if (number <= endedFirst || Date.parse(updatedAt) < clock.now() - endedMs) continue
      await adopt(stream)
      await endOfTurn()
    }
  }

  /** Between two ticks nobody tells what others have appended, or opened. */
  async function catchUp() {
    for (const followed of streams.all()) {
      followed.stale = true
      loop.changed(followed.stream)
    }
    await adoptAll()
  }

  /** Read here and not by the loop, whose step would wait for a storm's desks while somebody is to be paged. */
  async function takeUpDesk(desk: StreamId) {
    const { state, stale } = await streams.fresh(desk)
    if (state.version > 0 || stale) loop.changed(desk)
    else streams.drop(desk)
    if (state.version > longDesk) await endOfTurn()
  }

  async function adopt(stream: StreamId) {
    const { state } = await streams.incident(stream)
    if (state.status !== 'resolved') intake.adopt(state)
    loop.changed(stream)
    for (const { request } of state.pages.values())
      for (const desk of desksOf(request, state.openedAt, clock.now())) loop.changed(desk)
  }

  /** Somebody has appended. Our own echo changes nothing; another's makes what we follow stale. */
  function heard(changed: readonly StreamId[]) {
    for (const stream of changed) {
      const known = streams.known(stream)
      if (known !== undefined && known.echoes > 0) {
        known.echoes = 0
        known.lookAt ??= clock.now() + echoMs + streams.size * echoMsPerStream
        schedule.sooner(stream, known.lookAt)
        // Else the loop sleeps on, and all that comes later than this look believes it awake by then.
        if (schedule.nextAt === known.lookAt) wake()
        continue
      }
      if (known !== undefined) known.stale = true
      if (!stream.startsWith('service/')) loop.changed(stream, 'soon')
      // A hold, or room in a budget, that nobody else acts on.
      else if (known !== undefined) loop.changed(stream)
    }
  }

  async function stepAll(now: number): Promise<number | undefined> {
    const silenceEndsAt = await intake.endSilences(now)
    return earliest(await loop.step(now), silenceEndsAt)
  }

  async function runLoop() {
    const alarm = createAlarm(clock)
    wake = () => alarm.ring()
    while (!stopping.signal.aborted) {
      const nextAt = await stepAll(clock.now())
      heartbeat?.ran()
      if (!stopping.signal.aborted) await alarm.wait(Math.max(0, Math.min(sleepMs, (nextAt ?? Infinity) - clock.now())))
    }
    alarm.stop()
  }

  let begun = false
  let watching: AsyncDisposable | undefined
  let subscription: Subscription | undefined
  let looping: Promise<unknown> = Promise.resolve()

  /** Listens and loops, once. */
  function begin() {
    if (begun) return
    begun = true
    if (log.subscribe !== undefined) subscription = log.subscribe(heard)
    const following =
      log.subscribe === undefined && options.pollEveryMs !== undefined
        ? followByPolling({ house, everyMs: options.pollEveryMs, heard, signal: stopping.signal })
        : Promise.resolve()
    following.catch((error: unknown) => {
      if (!stopping.signal.aborted) logger.error('the log is no longer followed', { error: messageOf(error) })
    })
    heartbeat?.start(stopping.signal)
    looping = Promise.all([runLoop(), following.catch(() => undefined)])
  }

  async function within(work: Promise<unknown>, milliseconds: number): Promise<void> {
    const late = new AbortController()
    await Promise.race([work, clock.sleep(milliseconds, late.signal).catch(() => undefined)])
    late.abort()
  }

  async function ingest(signals: Signal | readonly Signal[]): Promise<void> {
    const list = Array.isArray(signals) ? (signals as readonly Signal[]) : [signals as Signal]
    checkSignals(list)
    await tracing.around('firebreak.ingest', { 'firebreak.signals': list.length }, async () => intake.take(list))
  }

  const kept = createKeptSignals({ house, take: ingest, stopping: stopping.signal })

  const answer = createHandler({
    http: options.http,
    responder: () => responder,
    house,
    streams,
    measures,
    stopping: stopping.signal,
    refusedLately: () => emergency.refusedLately,
  })

  const responder: Responder = {
    ...operations,
    ...createOutlook({ house, streams, parts }),
    bus,
    ingest,
    incidents: (query) => log.list(query),
    incident: async (id) => readIncident(log, streams, id),
    fetch: async (request) => responseOf(await answer(request)),
    answer,
    async start() {
      stopping.signal.throwIfAborted()
      await prepare()
      begin()
      // The loop runs already: what is taken up first is acted on while the rest is being read.
      await takeUp()
      adoptEnded().catch((error: unknown) => {
        if (!stopping.signal.aborted) logger.error('what is over could not be taken up', { error: messageOf(error) })
      })
      if (probes.length === 0) return
      watching = watch(probes, {
        everyMs: options.probeEveryMs ?? 15_000,
        timeoutMs: options.probeTimeoutMs,
        onSignal: (signal) => kept.take(signal),
        bus: house.bus,
        clock,
        random,
        signal: stopping.signal,
      })
    },
    async step(now) {
      stopping.signal.throwIfAborted()
      await takeUp()
      return stepAll(now ?? clock.now())
    },
    async tick(now) {
      stopping.signal.throwIfAborted()
      await (begun ? takeUp() : catchUp())
      const at = now ?? clock.now()
      const looking = lookOnce(probes, {
        bus: house.bus,
        clock,
        timeoutMs: options.probeTimeoutMs ?? 15_000,
        take: ingest,
        signal: stopping.signal,
      })
      const missed = await looking.then(
        () => undefined,
        (error: unknown) => ({ error }),
      )
      const nextAt = await catchUpOn({ loop, step: stepAll, clock, from: at, stopping: draining.signal })
      // What one of them saw and could not be recorded keeps nobody from being paged for the rest.
      if (missed !== undefined) throw missed.error
      return nextAt
    },
    async stop({ deadlineMs = 10_000 } = {}) {
      checkMs(deadlineMs, 'deadlineMs', 0)
      draining.abort()
      await watching?.[Symbol.asyncDispose]()
      await within(loop.settled(), deadlineMs)
      stopping.abort(new AbortedError('the responder was stopped'))
      wake()
      // What heeds its signal gives back at once. Nobody waits for what does not: others see that its owner is gone.
      await within(loop.settled(), giveBackMs)
      subscription?.close()
      // Nor for a log that never answers.
      await within(looping, giveBackMs)
      await presence?.[Symbol.asyncDispose]()
    },
  }
  return responder
}
