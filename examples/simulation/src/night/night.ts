import { createHash } from 'node:crypto'
import {
  isEvent,
  NetworkError,
  seededRandom,
  serviceStream,
  type DeployTarget,
  type Incident,
  type IncidentLog,
  type PositionedEvent,
  type Random,
  type RecordedEvent,
} from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { memoryLog } from '@firebreak/incident-log'
import { standardRoutes, type Routes } from '@firebreak/notify'
import { createResponder, standardRunbook, type AnyPart, type Responder } from '@firebreak/responder'
import type { Automation } from '@firebreak/rollback'
import type { SeverityPolicy } from '@firebreak/severity'
import type { Arrived } from '../channels.ts'
import { createGate, type Gate } from './gate.ts'
import { createChannels } from './people.ts'
import { createRestlessness } from './restlessness.ts'
import { outagesOf, type Outage } from './outages.ts'
import { createPlatform, fixedImage, goodImage, service, type AskedWrite, type Effect } from './platform.ts'
import type { Happening, Story } from './story.ts'

/** A safeguard taken away, by ports that betray their obligations. */
export interface Weakening {
  readonly log?: ((log: IncidentLog) => IncidentLog) | undefined
  readonly target?: ((target: DeployTarget) => DeployTarget) | undefined
  readonly parts?: ((parts: readonly AnyPart[]) => readonly AnyPart[]) | undefined
  /** False: channels take a repetition for a new message. */
  readonly deduplicate?: boolean | undefined
  readonly random?: (() => Random) | undefined
  /** What the responder goes by; the rules are judged by what it should have gone by. */
  readonly routes?: ((routes: Routes) => Routes) | undefined
  readonly automation?: Automation | undefined
  readonly policy?: SeverityPolicy | undefined
}

/** A span in which something was broken, in milliseconds since the epoch. */
export interface Disturbance {
  readonly from: number
  readonly until: number
  /** It concerns the pages to one role alone. */
  readonly only?: string
}

/** What one night left behind. */
export interface Night {
  readonly story: Story
  readonly events: readonly PositionedEvent[]
  readonly arrived: readonly Arrived[]
  readonly swallowed: ReadonlySet<string>
  readonly denied: ReadonlySet<string>
  readonly unadmitted: ReadonlySet<string>
  readonly effects: readonly Effect[]
  readonly asked: readonly AskedWrite[]
  readonly disturbances: readonly Disturbance[]
  /** When users failed, as nobody in the night can know it. */
  readonly outages: readonly Outage[]
  readonly routes: Routes
  readonly calmAt: number
  readonly endedAt: number
  readonly crashes: number
  /** When the loop began to spin; the night was broken off then. */
  readonly restlessSince?: number | undefined
  /** Of the whole log: the same seed gives the same. */
  readonly digest: string
}

const minute = 60_000
const bakeMs = { P0: 2 * minute, P1: 2 * minute, P2: 3 * minute, P3: 3 * minute }
/** How long a night may take to become quiet after the last fault. */
export const settleMs = 25 * minute
const restartAfterMs = 5_000
const tightCap = { messages: 1, withinMs: 6 * minute }

interface Process {
  readonly gate: Gate
  readonly responder: Responder
}

/** Lives through one story. */
export async function liveThrough(story: Story, weakening: Weakening = {}): Promise<Night> {
  const clock = createTestClock(undefined, { waitsFor: 'promises' })
  const started = clock.now()
  const disturbances: Disturbance[] = []
  const disturbed = (forMs: number, only?: string) => {
    const from = clock.now()
    disturbances.push({ from, until: from + forMs, ...(only === undefined ? {} : { only }) })
  }
  const inner = memoryLog({ clock, random: seededRandom(story.seed + 1) })
  /** What all processes read is read from its text only once: five of them would parse the same night five times. */
  const told = new Map<string, RecordedEvent>()
  let refusesUntil = 0
  let refusesAfter = false
  let refusesReads = false
  function mayBeRead() {
    if (refusesReads && clock.now() < refusesUntil) throw new NetworkError('the log cannot be read')
  }
  const shared: IncidentLog = {
    ...inner,
    async *read(stream, { from = 1 } = {}) {
      mayBeRead()
      let version = from
      for (
        let event = told.get(`${stream}@${version}`);
        event !== undefined;
        event = told.get(`${stream}@${version}`)
      ) {
        version += 1
        yield event
      }
      yield* inner.read(stream, { from: version })
    },
    list(query) {
      mayBeRead()
      return inner.list(query)
    },
    async append(writes) {
      const refuses = clock.now() < refusesUntil
      if (refuses && !refusesAfter) throw new NetworkError('the log cannot be reached')
      const appended = await inner.append(writes)
      for (const { stream, events } of appended)
        for (const event of events) told.set(`${stream}@${event.version}`, event)
      if (refuses) throw new NetworkError('the log did not answer')
      return appended
    },
  }
  const platform = createPlatform(clock, inner, story.fleet)
  const channels = createChannels(clock, { deduplicate: weakening.deduplicate })
  const { desk } = standardRoutes
  const routes: Routes = { ...standardRoutes, desk: { ...desk, cap: story.tightCap ? tightCap : desk.cap } }
  const processes: (Process | undefined)[] = []
  let crashes = 0
  let births = 0
  const restlessness = createRestlessness(
    () => clock.now(),
    () => {
      for (const process of processes) process?.gate.die(true)
    },
  )

  function bring(who: number) {
    births += 1
    const gate = createGate(clock, story.skewMs?.[who])
    const target = platform.seenThrough(gate)
    const person = (role: string) => [
      channels.channel(gate, role, `sms-${role}`, 'wake'),
      ...(story.secondPhone && role === 'manager' ? [channels.channel(gate, role, `voice-${role}`, 'wake')] : []),
      channels.channel(gate, role, `slack-${role}`, 'read'),
    ]
    const log = gate.log(shared)
    const parts = standardRunbook({
      target: weakening.target?.(target) ?? target,
      health: { sample: (query) => gate.through(() => platform.target.health.sample(query)) },
      people: {
        manager: person('manager'),
        engineer: person('engineer'),
        'deployment-log': channels.channel(gate, 'deployment-log', 'deployment-log', 'record'),
      },
      routes: weakening.routes?.(routes) ?? routes,
      automation: weakening.automation,
      bakeMs,
      clock: gate.clock,
    })
    const responder = createResponder({
      log: weakening.log?.(log) ?? log,
      clock: gate.clock,
      random: weakening.random?.() ?? seededRandom(story.seed * 101 + births),
      policy: weakening.policy,
      mostInMemory: story.forgetful ? 0 : undefined,
      probes: story.watching[who] === true ? platform.probes(gate) : [],
      parts: restlessness.watched(weakening.parts?.(parts) ?? parts),
    })
    processes[who] = { gate, responder }
    // What cannot take up what is open ends, and whoever started it starts it again.
    responder.start().catch(() => {
      if (processes[who]?.gate === gate) crash(who, restartAfterMs, false)
    })
  }

  function crash(who: number, restartMs: number, silent: boolean) {
    const process = processes[who]
    if (process === undefined) return
    crashes += 1
    process.gate.die(silent)
    processes[who] = undefined
    // A silent death is noticed when its claims run out.
    disturbed(restartMs + (silent ? 35_000 : 0))
    void clock.sleep(restartMs).then(() => (restlessness.since === undefined ? bring(who) : undefined))
  }

  function happen(it: Happening) {
    switch (it.kind) {
      case 'ship bad':
        platform.target.behave(it.image, { errorRatio: it.errorRatio, checks: it.checks })
        platform.target.ship({ image: it.image })
        return platform.shipped(it.image)
      case 'ship good':
        platform.target.ship({ image: fixedImage })
        return platform.shipped(fixedImage)
      case 'unit ill':
        return platform.target.behaveUnit(it.unit, { errorRatio: it.errorRatio, checks: it.checks })
      case 'users fail':
        platform.databaseDown = it.database
        return platform.target.behave(goodImage, { errorRatio: it.errorRatio })
      case 'well again':
        platform.databaseDown = false
        return platform.target.behave(goodImage, {})
      case 'crash':
        return crash(it.who, it.restartMs, it.silent)
      case 'crash point': {
        const process = processes[it.who]
        return process?.gate.arm(it.point, it.nth, () => {
          if (processes[it.who] !== process || clock.now() >= started + story.calmAt) return
          if (it.sleepMs === 0) return crash(it.who, it.restartMs, false)
          disturbed(it.sleepMs)
          process.gate.sleep(it.sleepMs)
        })
      }
      case 'zombie':
        disturbed(it.sleepMs)
        return processes[it.who]?.gate.sleep(it.sleepMs)
      case 'log refuses':
        disturbed(it.forMs)
        refusesUntil = clock.now() + it.forMs
        refusesAfter = it.after
        refusesReads = it.reads
        return
      case 'cut off':
        disturbed(it.forMs)
        return processes[it.who]?.gate.cutOff(it.from, it.forMs, it.after)
      case 'channel':
        // Nobody waits for one telephone where another one rings.
        if (it.channel === 'sms-manager' && !story.secondPhone) disturbed(it.forMs, 'manager')
        if (it.channel === 'sms-engineer') disturbed(it.forMs, 'engineer')
        return channels.trouble(it.channel, it.trouble, it.forMs)
      case 'target':
        return platform.target.fault(it.fault)
      case 'silent revert':
        return platform.revertNext(it.times)
      case 'clock jump':
        disturbed(Math.abs(it.byMs))
        return clock.jump(it.byMs)
      case 'hold':
        return void hold(it.forMs, it.everything)
      case 'acknowledge':
      case 'approve':
      case 'deny':
      case 'note':
      case 'escalate':
      case 'resolve':
        return void act(it.kind)
    }
  }

  const anybody = () => processes.find((process) => process?.gate.alive === true)?.responder

  const holds = new Set<string>()

  /** Places a hold and lifts it later, by whoever runs then; also one that stands although its answer was lost. */
  async function hold(forMs: number, everything: boolean) {
    const where = everything ? {} : { service }
    const id = await anybody()
      ?.hold({ by: 'mia', reason: 'let me look', ...where })
      .catch(() => undefined)
    if (id !== undefined) holds.add(id)
    do await clock.sleep(forMs)
    while (!(await liftAll(id === undefined ? await unanswered(where) : [id], where)))
  }
  async function liftAll(ids: readonly string[], where: { service?: string }): Promise<boolean> {
    let lifted = true
    for (const id of ids) lifted = (await released(id, where)) && lifted
    return lifted
  }
  /** Holds on record that nobody was told of. */
  async function unanswered(where: { service?: string }): Promise<readonly string[]> {
    const open = new Set<string>()
    for await (const event of inner.read(serviceStream(where.service ?? '*'))) {
      if (isEvent(event, 'hold.placed') && !holds.has(event.data.hold)) open.add(event.data.hold)
      if (isEvent(event, 'hold.released')) open.delete(event.data.hold)
    }
    return [...open]
  }
  async function released(id: string, where: { service?: string }): Promise<boolean> {
    return (
      (await anybody()
        ?.release(id, { by: 'mia', ...where })
        .then(() => true)
        .catch(() => false)) ?? false
    )
  }

  /** What a person does is refused when there is nothing to do it to, and when the log is down. */
  async function act(kind: 'acknowledge' | 'approve' | 'deny' | 'note' | 'escalate' | 'resolve') {
    const responder = anybody()
    if (responder === undefined) return
    try {
      if (kind === 'acknowledge') await responder.acknowledge(service, { by: 'mia', role: 'manager' })
      if (kind === 'note') await responder.note(service, { by: 'mia', text: 'looking' })
      if (kind === 'escalate') await responder.escalate(service, { by: 'mia', why: 'I need help' })
      if (kind === 'resolve') await responder.resolve(service, { by: 'mia', why: 'it looks well to me' })
      if (kind !== 'approve' && kind !== 'deny') return
      const asked = openApproval(await responder.incident(service))
      if (asked !== undefined)
        await responder[kind](service, { by: 'mia', approval: asked.approval, digest: asked.digest })
    } catch {
      // See above.
    }
  }

  /** A person mends what is broken, and all processes run. */
  function mend() {
    refusesUntil = 0
    platform.databaseDown = false
    for (const image of [goodImage, fixedImage]) platform.target.behave(image, {})
    for (const { id } of story.fleet) platform.target.behaveUnit(id, undefined)
    platform.target.ship({ image: fixedImage })
    platform.shipped(fixedImage)
  }

  for (let who = 0; who < story.instances; who += 1) bring(who)
  let elapsed = 0
  for (const it of story.happenings) {
    await clock.advance(Math.max(0, it.at - elapsed))
    elapsed = Math.max(elapsed, it.at)
    happen(it)
  }
  await clock.advance(Math.max(0, story.calmAt - elapsed))
  mend()
  const calmAt = clock.now()
  do await clock.advance(minute)
  while (restlessness.since === undefined && !(await isQuiet(inner)) && clock.now() < calmAt + settleMs)

  const events = await Array.fromAsync(inner.readAll({ limit: 1_000_000 }))
  return {
    story,
    events,
    arrived: channels.arrived,
    swallowed: channels.swallowed,
    denied: channels.denied,
    unadmitted: channels.unadmitted,
    effects: platform.effects,
    asked: platform.asked,
    disturbances,
    outages: await outagesOf(platform.target.health, started, clock.now()),
    routes,
    calmAt,
    endedAt: clock.now(),
    crashes,
    restlessSince: restlessness.since,
    // Each hash covers every byte of its event, and of those before it in its stream.
    digest: createHash('sha256')
      .update(events.map(({ hash }) => hash).join())
      .digest('hex'),
  }
}

function openApproval({ approvals }: Readonly<Incident>) {
  return Array.from(approvals.values()).findLast(({ decision }) => decision === undefined)
}

async function isQuiet(log: IncidentLog): Promise<boolean> {
  for await (const _open of log.list({ status: ['open', 'mitigated'], limit: 1 })) return false
  return true
}
