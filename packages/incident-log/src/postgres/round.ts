import type { Appended, IncidentSummary, StreamId } from '@firebreak/core'
import { emptyHead, type Decision, type Head, type LogView } from '../decide.ts'
import type { PreparedWrite } from '../prepare.ts'
import type { LogRules } from '../rules.ts'
import type { StoredEvent } from '../stored.ts'
import { showsMore } from '../summary-change.ts'
import type { Answers, Batch, Questions, TimedHead } from './store.ts'

/** One caller's append. */
export interface Job {
  readonly writes: readonly PreparedWrite[]
  /** Characters of data. */
  readonly characters: number
  readonly resolve: (appended: readonly Appended[]) => void
  readonly reject: (error: unknown) => void
  /** Its questions are asked before it is decided; otherwise the usual answers are assumed. */
  looked: boolean
  /** The caller has an answer; it must not be decided again. */
  answered: boolean
}

export function createJob(writes: readonly PreparedWrite[]): { job: Job; done: Promise<readonly Appended[]> } {
  const { promise: done, resolve, reject } = Promise.withResolvers<readonly Appended[]>()
  const job: Job = {
    writes,
    characters: writes.reduce((sum, { events }) => events.reduce((all, { bytes }) => all + bytes.length, sum), 0),
    looked: false,
    answered: false,
    resolve(appended) {
      job.answered = true
      resolve(appended)
    },
    reject(error) {
      job.answered = true
      reject(error)
    },
  }
  return { job, done }
}

const keyOf = (...parts: readonly unknown[]) => JSON.stringify(parts)

/** What these appends would have to ask: is an id known, has a stream moved? */
export function questionsOf(jobs: readonly Job[]): Questions {
  const writes = jobs.flatMap((job) => job.writes)
  return {
    streams: [...new Set(writes.map(({ stream }) => stream))],
    ids: writes.flatMap(({ stream, events }) =>
      events.flatMap(({ id }) => (id === undefined ? [] : [{ name: stream, id }])),
    ),
    sinces: sincesOf(writes),
  }
}

function sincesOf(writes: readonly PreparedWrite[]): Questions['sinces'] {
  return writes.flatMap(({ stream, expected }) => (typeof expected === 'object' ? [{ name: stream, ...expected }] : []))
}

export interface Accepted {
  readonly job: Job
  readonly appended: readonly Appended[]
  /** The writes whose expectation counted: one that only repeats what is known passes whatever it expects. */
  readonly held: readonly PreparedWrite[]
}

export interface Round {
  readonly accepted: readonly Accepted[]
  /** To be decided again: on what was looked up, or after the others are written. */
  readonly postponed: readonly Job[]
  readonly batch: Batch
}

/**
 * Decides appends one after another, each on what the ones before it will have written. Pure but for the promises of those
 * whose answer does not depend on a write. What was only assumed goes into the batch, to be checked where it is written.
 */
export function decideRound(
  jobs: readonly Job[],
  heads: (stream: StreamId) => TimedHead | undefined,
  answers: Answers | undefined,
  questions: Questions,
  rules: LogRules,
): Round {
  const accepted: Accepted[] = []
  const postponed: Job[] = []
  const rows: StoredEvent[] = []
  const assumed = new Map<StreamId, Head>()
  const moved = new Map<StreamId, TimedHead>()
  const known = new Map(answers?.found.map((event) => [keyOf(event.stream, event.id), event]))
  const passed = new Set(
    questions.sinces.flatMap((it, n) => (answers?.moved[n] === true ? [keyOf(it.name, it.since, it.ignoring)] : [])),
  )

  const headOf = (stream: StreamId) => moved.get(stream) ?? heads(stream) ?? emptyHead
  const view: LogView = {
    head: headOf,
    find: (stream, id) => known.get(keyOf(stream, id)),
    movedBeyond: (stream, since, ignoring) =>
      passed.has(keyOf(stream, since, ignoring)) ||
      rows.some((row) => row.stream === stream && row.version > since && !ignoring.includes(row.type)),
  }

  const repeats = ({ stream, events }: PreparedWrite) =>
    events.length > 0 && events.every(({ id }) => id !== undefined && known.has(keyOf(stream, id)))

  for (const job of jobs) {
    const held = job.writes.filter((write) => !repeats(write))
    const streams = [...new Set(job.writes.map(({ stream }) => stream))]
    const leansOnOthers = streams.some((stream) => moved.has(stream))
    let decision: Decision
    try {
      decision = rules.decide(job.writes, view)
    } catch (error) {
      // A refusal must rest on what is recorded, not on what is remembered or about to be written.
      if (job.looked && !leansOnOthers) job.reject(error)
      else postponed.push(job)
      continue
    }
    if (job.looked && !leansOnOthers && decision.rows.length === 0) {
      job.resolve(decision.appended)
      continue
    }
    for (const stream of streams) if (!assumed.has(stream)) assumed.set(stream, headOf(stream))
    for (const row of decision.rows) {
      rows.push(row)
      if (row.id !== undefined) known.set(keyOf(row.stream, row.id), row)
    }
    for (const [stream, head] of decision.heads)
      moved.set(stream, { ...head, at: decision.rows.findLast((row) => row.stream === stream)?.at ?? '' })
    accepted.push({ job, appended: decision.appended, held })
  }

  const incidents = [...moved].flatMap(([stream, { summary }]): IncidentSummary[] =>
    showsMore(heads(stream)?.summary, summary) ? [summary] : [],
  )
  return {
    accepted,
    postponed,
    batch: { ...assumptions(accepted, answers, heads), assumed, rows, heads: moved, incidents },
  }
}

/** What the accepted ones take for granted about ids and later events; what was found stays found. */
function assumptions(
  accepted: readonly Accepted[],
  answers: Answers | undefined,
  heads: (stream: StreamId) => TimedHead | undefined,
): Questions {
  const asked = questionsOf(accepted.map(({ job }) => job))
  const found = new Set(answers?.found.map((event) => keyOf(event.stream, event.id)))
  return {
    streams: asked.streams,
    ids: asked.ids.filter(({ name, id }) => !found.has(keyOf(name, id))),
    sinces: sincesOf(accepted.flatMap(({ held }) => held)).filter(
      ({ name, since }) => (heads(name)?.version ?? 0) > since,
    ),
  }
}
