import {
  createCode,
  FirebreakError,
  type Incident,
  type NewEvent,
  type Signal,
  type StreamId,
  type Write,
} from '@firebreak/core'
import {
  assessSeverity,
  policyDigest,
  resumeSeverity,
  type SeverityPolicy,
  type SeverityState,
} from '@firebreak/severity'
import type { Committer } from '../loop/commit.ts'
import type { House } from '../loop/house.ts'
import { messageOf } from '../loop/perform.ts'
import { isIncident, type Streams } from '../loop/streams.ts'
import { isIdConflict, isRefusal, isVersionConflict, type Followed } from '../loop/subject.ts'
import type { Emergency } from './emergency.ts'
import { earliest } from '../earliest.ts'
import { Entry, incidentStream } from './entry.ts'
import { isWorse, mayRaise } from './figures.ts'
import { forgetAgain, hear, restate, type Remembered } from './hear.ts'
import { deciders } from './ignoring.ts'
import { isUnseen, type Neighbours } from './neighbours.ts'
import { assessed, calmAnew, feel, goingOnFrom, kept, levelOf } from './level.ts'
import { flips, observed, unsaid, withCause } from './observed.ts'
import { begin, end, seed, settle, takeOver } from './on-record.ts'
import { createOnsets } from './onset.ts'
import { createSilenced, hide } from './silences.ts'
import { createTogether } from './together.ts'
import { wordCount, words, type Heard, type WatchedService } from './watched-service.ts'

export interface Intake {
  /** Resolves when everything worth recording is recorded; rejects when the log refuses, and then nothing was taken. */
  take(signals: readonly Signal[]): Promise<void>
  /** Severity over time: lowers what has become better. Gives the time of the next look, if one is needed. */
  assess(incident: Followed<Incident>, now: number): Promise<number | undefined>
  /** Judges what silences hid that have ended. Gives the time when the next one ends. */
  endSilences(now: number): Promise<number | undefined>
  /** Goes on with an open incident after a start. */
  adopt(incident: Readonly<Incident>): void
  readonly services: number
}

export interface IntakeOptions {
  readonly house: House
  readonly streams: Streams
  readonly committer: Committer
  readonly policy: SeverityPolicy
  readonly neighbours: Neighbours
  readonly emergency: Emergency
  /** A repeated firing signal is recorded once in so many milliseconds. */
  readonly repeatEveryMs: number
  /** A service that falls ill again within so many milliseconds of its resolution reopens its incident. */
  readonly reopenWithinMs: number
}

/** A service with many keys is judged again so much later for each of them, in milliseconds, and at the latest after this. */
const judgeEveryMsPerKey = 20
const longestUnjudgedMs = 5_000
/** Whoever loses so many races in a row gives up: what he holds is refused, and said again. */
const mostOpenings = 20

export function createIntake(options: IntakeOptions): Intake {
  const { house, streams, committer, policy, neighbours, emergency, repeatEveryMs, reopenWithinMs } = options
  const services = new Map<string, Entry>()
  const together = createTogether({ ...options, of })
  const silenced = createSilenced(house.logger, async (name) => (await streams.service(name)).state.silences)
  const onsets = createOnsets(policy)
  let digest: string | undefined

  function of(name: string): Entry {
    let entry = services.get(name)
    if (entry === undefined) services.set(name, (entry = new Entry(name, takeFor)))
    return entry
  }

  /** Finds the newest incident of a service that this process has not met yet. */
  async function load(watched: WatchedService): Promise<void> {
    for await (const { stream, number, status } of house.log.list({ service: watched.name, limit: 1 })) {
      watched.newest = number
      const { state } = await streams.incident(stream)
      seed(watched, state)
      if (status === 'resolved') end(watched, state)
    }
  }

  async function takeFor(entry: Entry, signals: readonly Signal[]): Promise<void> {
    const { watched } = entry
    const now = house.clock.now()
    const before = watched.severity
    const memory: Remembered[] = []
    const heard: Heard[] = []
    compare(entry)
    for (const signal of signals) {
      const it = hear(watched, signal, now, memory)
      if (it !== undefined) heard.push(it)
    }
    const heardAgain = signals.length === 0 && (silenced.endsAt(watched.name) ?? Infinity) <= now
    if (signals.length === 0 && !heardAgain) await recordCounts(watched, now)
    if (heard.length === 0 && !heardAgain) return
    try {
      if (!entry.loaded) await load(watched)
      entry.loaded = true
      if (!(await record(watched, { heard, memory }, now))) return // worth no append: that says nothing of the log
      watched.unlogged = undefined
      emergency.worked()
    } catch (error) {
      if (!isRefusal(error)) {
        // The log may be too broken to be read: then the level is judged without it, over all that was said meanwhile.
        const said = { now, signals: words(watched) }
        watched.unlogged = assessSeverity(watched.unlogged ?? watched.severity ?? before, said, policy)
        emergency.failed(watched.name, watched.unlogged.severity, error)
      }
      watched.severity = before
      forgetAgain(watched, memory)
      throw error
    }
  }

  /** What others have said meanwhile is heard first, where it is known already. */
  function compare({ watched, loaded }: Entry): void {
    const followed = streams.known(incidentStream(watched))
    if (!loaded || followed === undefined || !isIncident(followed)) return
    const { status, version, reopened } = followed.state
    if (version > 0 && status !== 'resolved' && reopened === watched.round) seed(watched, followed.state)
  }

  async function record(watched: WatchedService, said: Said, now: number): Promise<boolean> {
    const { heard, memory } = said
    for (let attempt = 0; attempt < mostOpenings; attempt += 1) {
      const current = watched.newest === 0 ? undefined : await streams.incident(incidentStream(watched))
      if (current !== undefined && current.state.status !== 'resolved') {
        seed(watched, current.state)
        restate(watched, heard, memory, current.state, now)
        return join(watched, current, said, now)
      }
      if (current?.state.resolvedAt !== undefined) end(watched, current.state)
      const counts = restate(watched, heard, memory, current?.state, now)
      onsets.note(counts, now)
      const state = await evaluate(watched, now, current?.state)
      watched.severity = kept(state)
      if (state.severity === null) return remark(watched, counts, now)
      if (await open(watched, current, state, now)) return true
      if (current !== undefined) current.stale = true
      const newest = await newestOf(watched.name)
      if (newest > watched.newest) begin(watched, newest, 0)
    }
    throw new FirebreakError({
      code: 'CONTENTION',
      message: `others were first ${mostOpenings} times when an incident of ${watched.name} was to be opened; it will be tried again`,
    })
  }

  /** Repetitions that no later signal has taken along. */
  async function recordCounts(watched: WatchedService, now: number): Promise<void> {
    const incident = await streams.incident(incidentStream(watched))
    const { due } = unsaid(watched, now, repeatEveryMs)
    const seen = observed(due)
    const write = () =>
      committer.commit(incident, ({ status }) =>
        status === 'resolved' || seen.count === 0 ? undefined : { events: [seen.event], ignoring: deciders },
      )
    if ((await incident.mailbox.run('signal', write)) === undefined) return
    seen.recorded(now)
    settle(watched, due, incident.state)
  }

  async function newestOf(service: string): Promise<number> {
    for await (const { number } of house.log.list({ service, limit: 1 })) return number
    return 0
  }

  async function evaluate(
    watched: WatchedService,
    now: number,
    incident: Readonly<Incident> | undefined,
  ): Promise<SeverityState> {
    const { state: record } = await streams.service(watched.name)
    const { rest: signals, until } = hide(words(watched), record.silences, now)
    silenced.saw(watched.name, until)
    const pinned = incident?.status === 'resolved' ? undefined : incident?.pinned?.severity
    const known = goingOnFrom(watched.severity, incident)
    // Whoever slept judges by an old time what others have judged since: calm has not lasted longer than the level.
    const at = incident?.status === 'resolved' ? now : Math.max(now, incident?.assessedAt ?? 0)
    return assessSeverity(known, { now: at, signals, ...(pinned ? { pinned } : {}) }, policy)
  }

  /** Nothing to open: the service's own stream remembers what was seen, once in a while. */
  async function remark(watched: WatchedService, heard: readonly Heard[], now: number): Promise<boolean> {
    const news = heard.filter((it) => it.signal.status === 'firing' && now - it.recordedAt >= repeatEveryMs)
    if (news.length === 0) return false
    const service = await streams.service(watched.name)
    const seen = observed(news)
    await committer.commit(service, () => ({ events: [seen.event], ignoring: everything }))
    seen.recorded(now)
    return true
  }

  async function join(
    watched: WatchedService,
    incident: Followed<Incident>,
    said: Said,
    now: number,
  ): Promise<boolean> {
    const { heard } = said
    // What cannot raise the level waits for the loop's next look: a storm is judged as a whole, not signal by signal.
    const worse = heard.some((it) => mayRaise(it.signal, incident.state, policy))
    const judgedOn = incident.state.severity
    const state = worse ? await evaluate(watched, now, incident.state) : undefined
    watched.severity = state === undefined ? watched.severity : kept(state)
    if (state !== undefined) feel(heard, state, judgedOn, now)
    const news = heard.filter((it) => now - it.recordedAt >= repeatEveryMs || isWorse(it, policy))
    const level = state === undefined ? incident.state.severity : levelOf(state, incident.state)
    const changed = level !== incident.state.severity
    if (news.length === 0 && !changed) return false
    const seen = observed(changed ? withCause(watched, news) : news)
    const writeWith = (also: readonly Write[]) =>
      committer.commit(incident, (current) => {
        if (current.status === 'resolved') return undefined
        const events = [seen.event]
        // A level that another has changed meanwhile is judged anew, at the loop's next look.
        const holds = current.severity === judgedOn
        if (!holds && state !== undefined) watched.severity = kept(calmAnew(state))
        if (state !== undefined && level !== null && level !== current.severity && holds)
          events.push(assessed(watched.name, level, state, current.severity))
        return { events, ignoring: deciders, also }
      })
    const write = () =>
      writeWith(flips(watched.name, heard, now)).catch((error: unknown) => {
        // Another responder has noted the change, in the words that it heard: once is enough.
        if (isIdConflict(error)) return writeWith([])
        throw error
      })
    const written = await incident.mailbox.run('signal', write)
    if (written !== undefined) {
      seen.recorded(now)
      settle(watched, news, incident.state, written.length)
    }
    return incident.state.status === 'resolved' ? record(watched, said, now) : true
  }

  /** Opens the next incident, or reopens the last one. False when another responder was first. */
  async function open(
    watched: WatchedService,
    last: Followed<Incident> | undefined,
    state: SeverityState,
    now: number,
  ): Promise<boolean> {
    const { silences } = (await streams.service(watched.name)).state
    takeOver(watched)
    const firing = Array.from(watched.heard.values()).filter(({ signal }) => signal.status === 'firing')
    if (firing.length === 0) return true
    const onset = new Date(onsets.of(firing, silences, now))
    const seen = observed(firing)
    const said = [seen.event, assessed(watched.name, state.severity ?? 'P3', state, null)]
    if (last?.state.resolvedAt !== undefined && now - last.state.resolvedAt <= reopenWithinMs) {
      const why = `ill again ${Math.round((now - last.state.resolvedAt) / 1_000)} s after it was resolved`
      const reopened: NewEvent = {
        type: 'incident.reopened',
        actor: 'responder',
        data: { service: watched.name, why, onsetAt: onset.toISOString() },
      }
      watched.echoes.clear()
      if ((await committer.attempt(last, { events: [reopened, ...said] })) === undefined) return false
      seen.recorded(now)
      begin(watched, last.state.number, last.state.reopened)
      await joinNeighbours(last.state, firing, onset.getTime())
      return true
    }
    const number = watched.newest + 1
    const stream: StreamId = `incident/${watched.name}/${number}`
    const opened: NewEvent = {
      type: 'incident.opened',
      actor: 'responder',
      data: {
        service: watched.name,
        code: createCode(house.random),
        number,
        onsetAt: onset.toISOString(),
        policyDigest: (digest ??= policyDigest(policy)),
        ...(firing.every(({ signal }) => signal.source === 'report') ? { reported: true } : {}),
      },
    }
    const check = last === undefined ? [] : [{ stream: last.stream, events: [], expected: last.state.version }]
    try {
      streams.of(stream)
      await committer.append([{ stream, events: [opened, ...said], expected: 0 }, ...check])
    } catch (error) {
      if (!isVersionConflict(error)) throw error
      streams.of(stream).stale = true
      return false
    }
    seen.recorded(now)
    begin(watched, number, 0)
    watched.echoes.clear()
    await joinNeighbours({ stream, reopened: 0, service: watched.name }, firing, onset.getTime())
    return true
  }

  async function joinNeighbours(
    { stream, reopened, service }: Pick<Incident, 'stream' | 'reopened' | 'service'>,
    firing: readonly Heard[],
    onsetAt: number,
  ): Promise<void> {
    neighbours.meet(stream)
    if (isUnseen(firing)) return
    neighbours.opened(stream, reopened, service, onsetAt)
    await linkNeighbours(stream)
  }

  /** Apart from the opening: of two that open in the same breath, the later one sees the earlier. */
  async function linkNeighbours(stream: StreamId): Promise<void> {
    const [first, ...others] = neighbours.links(stream)
    if (first === undefined) return
    try {
      await committer.append([first, ...others])
    } catch (error) {
      house.logger.warn('two incidents could not be linked', { stream, error: messageOf(error) })
    }
  }

  /** Another responder has opened it, and does not know of all that has been opened here. */
  async function linkForeign({ state, stream }: Followed<Incident>): Promise<void> {
    if (!neighbours.meet(stream) || isUnseen(state.signals.values())) return
    neighbours.opened(stream, state.reopened, state.service, state.onsetAt)
    const [first] = neighbours.links(stream)
    const { incident } = (first?.events[0]?.data ?? {}) as { incident?: StreamId }
    if (incident !== undefined && !state.linked.includes(incident)) await linkNeighbours(stream)
  }

  return {
    take: (signals) => together.take(signals),
    adopt(incident) {
      const entry = of(incident.service)
      neighbours.meet(incident.stream)
      const { stream, reopened, service, onsetAt } = incident
      if (!isUnseen(incident.signals.values())) neighbours.opened(stream, reopened, service, onsetAt)
      // A signal came first, and brought its incident with it.
      if (entry.loaded) return
      entry.loaded = true
      seed(entry.watched, incident)
      const { severity, assessedAt: since, reasons } = incident
      entry.watched.severity = resumeSeverity({ severity, since, reasons })
    },
    async assess(incident, now) {
      if (incident.state.status === 'resolved') {
        neighbours.resolved(incident.stream)
        const entry = services.get(incident.state.service)
        if (entry?.watched.newest === incident.state.number) end(entry.watched, incident.state)
        return undefined
      }
      const entry = of(incident.state.service)
      const { watched } = entry
      const pinned = incident.state.pinned?.severity
      const { version } = (await streams.service(watched.name)).state
      const told = `${pinned ?? ''}/${version}/${incident.state.severity ?? ''}`
      // What raises was judged when it came in. The rest is judged as seldom as it is costly.
      const { judged } = watched
      const dueAt = Math.min(judged.at + wordCount(watched) * judgeEveryMsPerKey, judged.at + longestUnjudgedMs)
      // A lowering that falls due is not put off: a time that has passed would wake the loop again at once.
      const nextAt = Math.min(dueAt, watched.severity?.nextAt ?? dueAt, silenced.endsAt(watched.name) ?? dueAt)
      if (watched.severity !== undefined && judged.told === told && now >= judged.at && now < nextAt) return nextAt
      // Who hears of a service by the log alone must not judge it by what was true when it took the incident up.
      if (incident.state.number >= watched.newest) seed(watched, incident.state)
      await linkForeign(incident)
      const state = await evaluate(watched, now, incident.state)
      const level = levelOf(state, incident.state)
      if (level !== incident.state.severity) {
        const events = [assessed(watched.name, level, state, incident.state.severity)]
        if ((await committer.attempt(incident, { events })) === undefined) return now
      }
      watched.judged = { at: now, told }
      watched.severity = kept(state)
      const { due, nextAt: countedAt } = unsaid(watched, now, repeatEveryMs)
      // In turn with its signals: one of them may be on its way to the log with these counts.
      if (due.length > 0) void entry.queue.add([]).catch(() => undefined)
      return earliest(state.nextAt, countedAt, silenced.endsAt(watched.name))
    },
    endSilences: (now) => silenced.end(now, (name) => of(name).queue.add([])),
    get services() {
      return services.size
    },
  }
}

/** What is being taken in, and what was known before. */
interface Said {
  readonly heard: readonly Heard[]
  readonly memory: readonly Remembered[]
}

/** Nothing in a service's own stream contradicts a remark. */
const everything: readonly string[] = [...deciders, 'incident.assessed', 'incident.resolved', 'incident.reopened']
