import type { Incident, Signal, Write } from '@firebreak/core'
import type { SeverityPolicy } from '@firebreak/severity'
import type { Committer } from '../loop/commit.ts'
import type { House } from '../loop/house.ts'
import { isIncident, type Streams } from '../loop/streams.ts'
import { isVersionConflict, type Followed } from '../loop/subject.ts'
import type { Emergency } from './emergency.ts'
import { incidentStream, type Entry } from './entry.ts'
import { isWorse, mayRaise } from './figures.ts'
import { forgetAgain, hear, type Remembered } from './hear.ts'
import { deciders } from './ignoring.ts'
import { observed, type Observed } from './observed.ts'
import { seed, settle } from './on-record.ts'
import { mostTogether } from './queue.ts'
import { Sender } from './sender.ts'
import { wordOn, type Heard } from './watched-service.ts'

/** The signals of many senders, in one append. */
export interface Together {
  take(signals: readonly Signal[]): Promise<void>
}

export interface TogetherOptions {
  readonly house: House
  readonly streams: Streams
  readonly committer: Committer
  readonly policy: SeverityPolicy
  readonly emergency: Emergency
  readonly repeatEveryMs: number
  readonly of: (service: string) => Entry
}

/** Of one append, at most: it must not keep other work waiting for long. */
const mostSignals = 512
const mostServices = 256

/**
 * In a storm nearly every signal is one more of an incident that is open, and no worse than it: there is nothing to judge,
 * only something to write down. Such signals of all services and senders share an append. All others, and those whose
 * append was refused, go through the queue of their service, where they are judged.
 */
export function createTogether(options: TogetherOptions): Together {
  const { house, streams, committer, policy, emergency, repeatEveryMs, of } = options
  let waiting: Sender[] = []
  let busy = false

  async function drain(): Promise<void> {
    busy = true
    // Those who are told of at the same moment: senders whose requests came in one turn.
    await Promise.resolve()
    while (waiting.length > 0) await record(next())
    busy = false
  }

  function next(): readonly Sender[] {
    let count = 0
    const end = waiting.findIndex(({ signals }) => (count += signals.length) > mostSignals)
    const batch = end === -1 ? waiting : waiting.slice(0, Math.max(1, end))
    waiting = waiting.slice(batch.length)
    return batch
  }

  async function record(senders: readonly Sender[]): Promise<void> {
    const now = house.clock.now()
    const plain: Remark[] = []
    for (const group of groupsOf(senders).values()) {
      const remark = remarkOf(group, now)
      if (remark === undefined) judge(group)
      else plain.push(remark)
    }
    for (let start = 0; start < plain.length; start += mostServices)
      await append(plain.slice(start, start + mostServices), now)
    for (const sender of senders) sender.done()
  }

  function groupsOf(senders: readonly Sender[]): Map<string, Group> {
    const groups = new Map<string, Group>()
    for (const sender of senders)
      for (const signal of sender.signals) {
        let group = groups.get(signal.service)
        if (group === undefined)
          groups.set(signal.service, (group = { entry: of(signal.service), signals: [], by: [] }))
        group.signals.push(signal)
        group.by.push(sender)
      }
    return groups
  }

  /** Through the queue of the service. What one sender sent stays together, so that its refusal is nobody else's. */
  function judge({ entry, signals, by }: Group): void {
    for (const [sender, own] of Map.groupBy(signals.entries(), ([index]) => by[index]))
      sender?.waitFor(entry.queue.add(own.map(([, signal]) => signal)))
  }

  /** Undefined where there is something to judge, or somebody else is at it. */
  function remarkOf(group: Group, now: number): Remark | undefined {
    const { entry, signals } = group
    const { watched, queue, loaded } = entry
    if (!loaded || signals.length > mostTogether || emergency.refusing) return undefined
    const incident = streams.known(incidentStream(watched))
    if (incident === undefined || incident.stale || !isIncident(incident)) return undefined
    const { state } = incident
    if (state.version === 0 || state.status === 'resolved') return undefined
    seed(watched, state)
    const plain = signals.every((signal) => {
      const known = wordOn(watched, signal.key)
      return (known === undefined || known.signal.status === signal.status) && !mayRaise(signal, state, policy)
    })
    if (!plain) return undefined
    const turn = queue.hold()
    if (turn === undefined) return undefined
    const mail = incident.mailbox.hold()
    if (mail === undefined) {
      turn()
      return undefined
    }
    const memory: Remembered[] = []
    const news: Heard[] = []
    for (const signal of signals) {
      const heard = hear(watched, signal, now, memory)
      if (heard === undefined || news.includes(heard)) continue
      if (now - heard.recordedAt >= repeatEveryMs || isWorse(heard, policy)) news.push(heard)
    }
    const release = () => {
      mail()
      turn()
    }
    return { group, incident, memory, release, news, seen: observed(news) }
  }

  async function append(all: readonly Remark[], now: number): Promise<void> {
    const remarks = all.filter(({ news }) => news.length > 0)
    for (const { news, release } of all) if (news.length === 0) release()
    const [first, ...others] = remarks.map(writeOf)
    if (first === undefined) return
    try {
      await committer.append([first, ...others])
      emergency.worked()
      for (const { group, incident, news, seen } of remarks) {
        const { watched } = group.entry
        seen.recorded(now)
        watched.unlogged = undefined
        settle(watched, news, incident.state)
      }
      for (const { release } of remarks) release()
    } catch (error) {
      // One of them may be to blame: each is tried by itself, and what the refusal means is said there.
      for (const { group, incident, memory, release } of remarks) {
        if (isVersionConflict(error)) incident.stale = true
        forgetAgain(group.entry.watched, memory)
        release()
        judge(group)
      }
    }
  }

  return {
    take: async (signals) =>
      new Promise((resolve, reject) => {
        waiting.push(new Sender(signals, resolve, reject))
        if (!busy) void drain()
      }),
  }
}

/** What was said of one service, and by whom: `by[n]` has sent `signals[n]`. */
interface Group {
  readonly entry: Entry
  readonly signals: Signal[]
  readonly by: Sender[]
}

/** What is to be written down of a service, whose turn is held until it is. */
interface Remark {
  readonly group: Group
  readonly incident: Followed<Incident>
  /** What to go back to when it is refused. */
  readonly memory: readonly Remembered[]
  readonly news: readonly Heard[]
  readonly seen: Observed
  readonly release: () => void
}

function writeOf({ incident, seen }: Remark): Write {
  const { stream, state } = incident
  return { stream, events: [seen.event], expected: { since: state.version, ignoring: deciders } }
}
