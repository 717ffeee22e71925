import {
  createId,
  type ActionStarted,
  type Desk,
  type Incident,
  type NewEvent,
  type Part,
  type Presence,
  type ServiceRecord,
  type StreamId,
  type Write,
} from '@firebreak/core'
import { serviceStream, activeHold } from '@firebreak/core'
import { earliest } from '../earliest.ts'
import type { Emergency } from '../intake/emergency.ts'
import { agendaOf, type Agenda, type ToClaim } from './agenda.ts'
import { ignoringSignals, type Committer } from './commit.ts'
import { endOfHold, withHoldsOnAll } from './holds.ts'
import type { House } from './house.ts'
import { inHandOf } from './in-hand.ts'
import { createOthers, owners } from './others.ts'
import { isCharged, withCharges } from './charges.ts'
import { breathOf, restsUntil } from './pauses.ts'
import { outcomeOf } from './outcome-of.ts'
import { messageOf, perform } from './perform.ts'
import { planAll, type AnyPart } from './plan.ts'
import { createPlanFailures } from './plan-failures.ts'
import { createTidy, dueAt } from './quiet.ts'
import { createRefused } from './refused.ts'
import type { Schedule } from './schedule.ts'
import { stands } from './rest.ts'
import { isDesk, isIncident, type Streams } from './streams.ts'
import type { Followed } from './subject.ts'

/** Shorter than the 15 s within which a silent owner's action must be somebody else's; it is renewed at half of it. */
const defaultLeaseMs = 12_000
/** Effects of one stream that this process performs at the same time. */
const mostAtOnce = 64
/** A subject is planned again after each of its own appends, but not for ever in one step. */
const mostRounds = 100
const everyService = serviceStream('*')
/**
 * An incident that is over is followed for so long after its last event: its last pages are recorded and its probes say that
 * all is well, and each would read it whole again.
 */
const lingerMs = 30_000
/**
 * Whoever has written plans at once. The others look so much later, in milliseconds, and mostly find it done: at the same time
 * all of them would plan the same, and all but one lose the race for the claim.
 */
const giveWayMs = 150

/** `now`; `soon`: another has written, and plans first; `breath`: signals that changed no level wait for company. */
export type When = 'now' | 'soon' | 'breath'

export interface Loop {
  /** Something about this stream may be due. */
  changed(stream: StreamId, when?: When): void
  /** Plans and starts everything that is due at `now`; resolves with the time of the next due thing, if there is one. */
  step(now: number): Promise<number | undefined>
  /** Resolves when no performed action is running any more. */
  settled(): Promise<void>
  readonly running: number
}

export interface LoopOptions {
  readonly house: House
  readonly streams: Streams
  readonly committer: Committer
  readonly schedule: Schedule
  readonly parts: readonly AnyPart[]
  readonly presence: () => Presence | undefined
  readonly stopping: AbortSignal
  /** Nothing new is taken from here on; what runs goes on until `stopping`. */
  readonly draining: AbortSignal
  /** How many open incidents stay in memory although nothing is due of them soon. */
  readonly mostInMemory: number
  /** Called when there may be something to do before the time that `step` gave. */
  readonly wake: () => void
  /** How long the parts took to plan one subject, in milliseconds. */
  readonly planned?: ((milliseconds: number) => void) | undefined
  /** What is done to an incident before its parts plan: severity over time. */
  readonly assess: (incident: Followed<Incident>, now: number) => Promise<number | undefined>
  /** Is told of what cannot be recorded: nobody is paged by a log that takes no page. */
  readonly emergency: Pick<Emergency, 'stuck' | 'advanced'>
}

export function createLoop(options: LoopOptions): Loop {
  const { house, streams, committer, schedule, parts, stopping, wake, mostInMemory } = options
  const dirty = new Set<StreamId>()
  const running = new Map<string, Promise<void>>()
  const others = createOthers(house, schedule, options.presence)
  const refused = createRefused(house)
  const planFailures = createPlanFailures(house.logger)
  const tidy = createTidy(streams, mostInMemory)
  const byName = new Map(parts.map((part) => [part.name, part]))

  function changed(stream: StreamId, when: When = 'now'): void {
    if (when !== 'now') {
      const waitMs = when === 'soon' ? giveWayMs : breathOf(streams.known(stream), streams.size)
      const at = house.clock.now() + waitMs
      planSooner(stream, at)
      if (schedule.nextAt === at) wake()
      return
    }
    if (stream.startsWith('service/')) {
      for (const incident of streams.incidentsOf(stream)) dirty.add(incident)
    } else {
      const rests = restsUntil(streams.known(stream), house.clock.now())
      if (rests === undefined) dirty.add(stream)
      else planSooner(stream, rests)
    }
    wake()
  }

  function planSooner(stream: StreamId, at: number): void {
    const followed = streams.known(stream)
    if (followed !== undefined) followed.planAt = Math.min(followed.planAt, at)
    schedule.sooner(stream, at)
  }

  async function step(now: number): Promise<number | undefined> {
    // Often only when to wake up has changed.
    if (dirty.size === 0 && (schedule.nextAt ?? Infinity) > now) return schedule.nextAt
    const urgent = new Set(dirty)
    const due: StreamId[] = []
    dirty.clear()
    const work: Promise<void>[] = []
    for (const stream of schedule.due(now)) {
      if (urgent.has(stream)) continue
      const followed = streams.known(stream)
      if (stream === owners || followed === undefined || !isForALook(followed, now)) due.push(stream)
      else work.push(look(followed, now))
    }
    if (due.includes(owners)) await others.look(now, urgent)
    for (const stream of urgent) work.push(advance(stream, now, true))
    for (const stream of due) if (stream !== owners && !urgent.has(stream)) work.push(advance(stream, now, false))
    await Promise.all(work)
    tidy(now, (stream) => !dirty.has(stream))
    return dirty.size > 0 ? now : schedule.nextAt
  }

  /** Nothing is due but to see whether an echo has hidden another's append. */
  function isForALook({ lookAt, planAt, news }: Followed, now: number): boolean {
    return lookAt !== undefined && lookAt <= now && planAt > now && !news
  }

  /** In a storm nearly every look finds nothing, and a plan for each of them would cost more than the storm itself. */
  async function look(followed: Followed, now: number): Promise<void> {
    const { stream, mailbox } = followed
    followed.stale = true
    await mailbox.run('claim', async () => streams.fresh(stream)).catch(() => undefined)
    if (followed.news || followed.stale) return advance(stream, now, true)
    if (!dirty.has(stream)) schedule.set(stream, dueAt(followed))
  }

  async function advance(stream: StreamId, now: number, urgent: boolean): Promise<void> {
    const followed = streams.of(stream)
    try {
      await followed.mailbox.run('claim', async () => {
        for (let round = 0; round < mostRounds; round += 1)
          if (!(await advanceOnce(followed, now, urgent || round > 0))) return
        dirty.add(stream)
      })
      options.emergency.advanced(stream)
    } catch (error) {
      // The log cannot be read or written: acting waits, and the next look is soon.
      house.logger.error('a stream could not be advanced', { stream, error: messageOf(error) })
      options.emergency.stuck(stream, inHandOf(followed, streams, house.clock.now()), error)
      followed.planAt = now + 1_000
      schedule.set(stream, followed.planAt)
    }
  }

  /** True when something was recorded and the subject is to be planned again. */
  async function advanceOnce(followed: Followed, now: number, urgent: boolean): Promise<boolean> {
    if (followed.lookAt !== undefined && followed.lookAt <= now) followed.stale = true
    await streams.fresh(followed.stream)
    const { news } = followed
    followed.news = false
    if (followed.state.kind === 'service') {
      // Read only now, behind an echo: the incidents that wait for a hold's end or for room in a budget have not heard.
      if (news) changed(followed.stream)
      return false
    }
    if (followed.state.version === 0) return false
    const nextAssessment = isIncident(followed) ? await options.assess(followed, now) : undefined
    const { state: organisation } = await streams.service('*')
    const service = await serviceOf(followed, organisation)
    const { version } = followed.state
    const ground = groundOf(followed)
    const unread = unreadChecks(followed)
    if (!urgent && stands(followed.rest, ground, now)) {
      followed.planAt = earliest(followed.rest.until, nextAssessment) ?? Infinity
      schedule.set(followed.stream, dueAt(followed))
      return false
    }
    followed.rest = undefined
    const began = house.clock.now()
    followed.plannedAt = began
    followed.planAt = Infinity
    const view = { now, service, organisation }
    const failed = (part: string, error: unknown) => planFailures.log(followed.stream, part, error)
    const wanted = refused.without(followed, planAll(parts, followed.state, view, failed))
    options.planned?.(house.clock.now() - began)
    await others.noticeTheDead(followed)
    const agenda = agendaOf(followed.state.actions, wanted, {
      now,
      performing: (key) => running.has(runningKey(followed.stream, key)),
      gone: (owner) => others.isGone(owner),
      own: house.owner,
    })
    if (agenda.records.length > 0) return recordAll(followed, agenda)
    if (await takeSome(followed, agenda.claims, unread)) return true
    if (followed.stale) return true
    const nextAt = earliest(agenda.nextAt, endOfLinger(followed, now))
    const planAt = earliest(nextAt, endOfHold(service, now))
    followed.planAt = Math.min(followed.planAt, planAt ?? Infinity, nextAssessment ?? Infinity)
    schedule.set(followed.stream, dueAt(followed))
    // What was planned includes all that is recorded up to here: no need to look again, unless something came in meanwhile.
    followed.rest = { ground, madeAt: now, until: planAt }
    if (followed.state.version === version) dirty.delete(followed.stream)
    else changed(followed.stream, isDesk(followed) ? 'now' : 'breath')
    others.waitFor(followed, now)
    forget(followed, nextAt)
    return false
  }

  async function serviceOf(followed: Followed, every: ServiceRecord): Promise<ServiceRecord> {
    if (!isIncident(followed)) return every
    const { state: own } = await streams.service(followed.state.service)
    return withHoldsOnAll(own, every)
  }

  /** What a plan is made of, apart from the time. */
  function groundOf(followed: Followed): string {
    const every = streams.known(everyService)?.state.version
    const own = isIncident(followed) ? streams.known(serviceStream(followed.state.service))?.state.version : 0
    return `${followed.state.version}/${own}/${every}`
  }

  /** A claim fails when a hold was placed that this process has not read: whoever wakes up late knows before it acts. */
  function unreadChecks(followed: Followed): readonly Write[] {
    if (!isIncident(followed)) return []
    return [serviceStream(followed.state.service), everyService].map((stream) => {
      const since = streams.known(stream)?.state.version ?? 0
      return { stream, events: [], expected: { since, ignoring: ignoringSignals } }
    })
  }

  async function recordAll(followed: Followed, { records }: Agenda): Promise<boolean> {
    await refused.append(followed, records, (some) => recordSome(followed, some))
    return true
  }

  async function recordSome(followed: Followed, records: Agenda['records']): Promise<void> {
    const outcomes = records.map(({ part, action }) => ({ part, action, record: outcomeOf(action) }))
    const events = outcomes.flatMap(({ part, action, record }): NewEvent[] => [
      ...record.events,
      {
        type: 'action.finished',
        actor: part,
        data: { key: action.key, attempt: attemptOf(followed, action.key), outcome: 'done' },
      },
    ])
    const tell = outcomes.flatMap(({ record }) => record.tell ?? [])
    // An end overlooks nothing: a signal that came meanwhile says that it is not over.
    const ends = events.some(({ type }) => type === 'incident.resolved')
    await committer.attempt(followed, { events, tell, ...(ends ? { ignoring: [] } : {}) })
  }

  /**
   * Claims effects by one append, each with a budget to charge by its own. Only so many at a time: what is claimed and
   * cannot be finished in its lease is somebody else's before it is done. The rest follows when one of them finishes.
   */
  async function takeSome(followed: Followed, claims: readonly ToClaim[], unread: readonly Write[]): Promise<boolean> {
    const free = mostAtOnce - performing(followed.stream)
    const possible = claims.filter(({ part }) => byName.has(part)).slice(0, Math.max(0, free))
    if (possible.length === 0 || options.draining.aborted) return false
    const charged = possible.filter(isCharged)
    const [first] = charged
    // A charge may be refused: then the others of this append must not be.
    const batch = charged.length < possible.length ? possible.filter((it) => !isCharged(it)) : first ? [first] : []
    await refused.append(followed, batch, (some) => take(followed, some, unread))
    return true
  }

  function performing(stream: StreamId): number {
    let count = 0
    const prefix = runningKey(stream, '')
    for (const key of running.keys()) if (key.startsWith(prefix)) count += 1
    return count
  }

  async function take(followed: Followed, claims: readonly ToClaim[], unread: readonly Write[]): Promise<void> {
    const starts = claims.map((claim) => ({ claim, data: startOf(claim) }))
    const events = starts.map(({ claim, data }): NewEvent => ({ type: 'action.started', actor: claim.part, data }))
    const also = withCharges(followed, claims.filter(isCharged), unread)
    if ((await committer.attempt(followed, { events, also })) === undefined) return
    for (const { claim, data } of starts) start(followed, claim, data)
  }

  function startOf(claim: ToClaim): ActionStarted {
    return {
      key: claim.action.key,
      part: claim.part,
      attempt: claim.attempt,
      owner: house.owner,
      deadline: new Date(house.clock.now() + leaseOf(claim)).toISOString(),
      effect: claim.action.effect,
      why: claim.action.why,
      idempotencyKey: claim.idempotencyKey ?? createId(house.clock, house.random),
    }
  }

  function start(followed: Followed, claim: ToClaim, data: ActionStarted): void {
    const part = byName.get(claim.part)
    if (part === undefined) return
    const key = runningKey(followed.stream, data.key)
    const work = perform(house, streams, committer, {
      followed: followed as Followed<Incident>,
      part: part as Part,
      claim: data,
      takeover: claim.takeover,
      leaseMs: leaseOf(claim),
      stopping,
      onHold: () => (isDesk(followed) ? undefined : onHold(followed)),
    })
      .catch((error: unknown) => house.logger.error('an action broke off', { key: data.key, error: messageOf(error) }))
      .finally(() => {
        running.delete(key)
        changed(followed.stream)
      })
    running.set(key, work)
  }

  function onHold(followed: Followed): string | undefined {
    const outside = house.heldFromOutside()
    if (outside !== undefined || !isIncident(followed)) return outside
    const now = house.clock.now()
    const records = [serviceStream(followed.state.service), serviceStream('*')].map(
      (stream) => streams.known(stream)?.state,
    )
    for (const record of records) {
      const hold = record?.kind === 'service' ? activeHold(record, now) : undefined
      if (hold !== undefined) return hold.reason
    }
    return undefined
  }

  /** What is over and has nothing left to do is no longer followed: memory is for what is open. */
  function forget(followed: Followed, nextAt: number | undefined): void {
    const over = isIncident(followed) ? followed.state.status === 'resolved' : !isToday(followed)
    if (!over || nextAt !== undefined || dirty.has(followed.stream)) return
    for (const key of running.keys()) if (key.startsWith(`${followed.stream}\n`)) return
    schedule.set(followed.stream, undefined)
    streams.drop(followed.stream)
  }

  function isToday(followed: Followed): boolean {
    return isDesk(followed) && followed.state.day >= new Date(house.clock.now()).toISOString().slice(0, 10)
  }

  return {
    changed,
    step,
    async settled() {
      while (running.size > 0) await Promise.all(running.values())
    },
    get running() {
      return running.size
    },
  }
}

function leaseOf({ action }: ToClaim): number {
  return action.leaseMs ?? defaultLeaseMs
}

/** When an incident that is over need no longer be followed, if that is yet to come. */
function endOfLinger(followed: Followed, now: number): number | undefined {
  if (!isIncident(followed) || followed.state.status !== 'resolved') return undefined
  const end = followed.state.lastEventAt + lingerMs
  return end > now ? end : undefined
}

function attemptOf(followed: Followed, key: string): number {
  const state = followed.state as Incident | Desk
  return (state.actions.get(key)?.attempt ?? 0) + 1
}

function runningKey(stream: StreamId, key: string): string {
  return `${stream}\n${key}`
}
