import { FirebreakError, type Appended, type StreamId, type Write } from '@firebreak/core'
import { createHeadCache } from '../head-cache.ts'
import { IncidentLogError } from '../log-error.ts'
import type { LogRules } from '../rules.ts'
import type { Hold } from './holding.ts'
import { toLogError } from './postgres-error.ts'
import { createJob, decideRound, questionsOf, type Job, type Round } from './round.ts'
import type { Answers, Questions, Store, TimedHead } from './store.ts'

/** Of appends that share one call, at most; a single append may be larger. */
const largestBatch = { writes: 512, characters: 4_194_304 }
/** Streams whose heads are kept in memory: at least as many as a batch can have. */
const keptHeads = 4_096
/** Rounds before an append gives up. One is nearly always enough, two where others write to the same streams. */
const mostRounds = 20

export interface WriterOptions {
  readonly store: Store
  readonly hold: Hold
  readonly ready: () => Promise<void>
  readonly rules: LogRules
  readonly committed: (streams: readonly StreamId[]) => void
}

const nothing: Questions = { streams: [], ids: [], sinces: [] }

/**
 * Appends that come while a call is under way share the next one. Decided here on what is remembered of their streams, in
 * one round trip; where that was wrong, the server says so, and it is decided again on what is recorded.
 */
export function createWriter({ store, hold, ready, rules, committed }: WriterOptions) {
  const heads = createHeadCache<TimedHead>(keptHeads)
  const queue: Job[] = []
  let running: Promise<void> | undefined

  async function look(
    jobs: readonly Job[],
    from: Store,
  ): Promise<{ answers: Answers | undefined; questions: Questions }> {
    const asking = jobs.filter((job) => job.looked || job.writes.some(({ stream }) => heads.get(stream) === undefined))
    if (asking.length === 0) return { answers: undefined, questions: nothing }
    const questions = questionsOf(asking)
    const answers = await from.ask(questions)
    for (const job of asking) job.looked = true
    for (const stream of questions.streams) heads.set(stream, answers.heads.get(stream) ?? unknown)
    return { answers, questions }
  }

  /** Decides and writes; nobody is answered yet who has something to write. */
  async function attempt(jobs: readonly Job[], on: Store): Promise<Round & { readonly stale: readonly StreamId[] }> {
    const { answers, questions } = await look(jobs, on)
    const round = decideRound(jobs, (stream) => heads.get(stream), answers, questions, rules)
    return { ...round, stale: round.accepted.length === 0 ? [] : await on.append(round.batch) }
  }

  /** Gives those that have to be decided again. */
  async function finish(work: Promise<Round & { readonly stale: readonly StreamId[] }>): Promise<readonly Job[]> {
    const { accepted, postponed, batch, stale } = await work
    if (stale.length > 0) {
      for (const stream of stale) heads.delete(stream)
      return [...accepted.map(({ job }) => job), ...postponed]
    }
    for (const [stream, head] of batch.heads) heads.set(stream, head)
    for (const { job, appended } of accepted) job.resolve(appended)
    committed([...batch.heads.keys()])
    return postponed
  }

  /** The first time on what is remembered; after that the streams are held while they are asked about and written. */
  async function round(jobs: readonly Job[], count: number): Promise<readonly Job[]> {
    if (count === 0) return finish(attempt(jobs, store))
    for (const job of jobs) job.looked = true
    return finish(hold(questionsOf(jobs).streams, async (_query, held) => attempt(jobs, held)))
  }

  async function settle(jobs: readonly Job[]): Promise<void> {
    let pending = jobs
    try {
      await ready()
      for (let count = 0; pending.length > 0 && count < mostRounds; count += 1) pending = await round(pending, count)
      if (pending.length > 0)
        throw new IncidentLogError('LOG_BUSY', 'Postgres: others write to the same streams all the time: try again')
    } catch (error) {
      heads.clear()
      const told = toLogError(error)
      const left = pending.filter((job) => !job.answered)
      // A server that is busy or away is so for all of them; anything else is the fault of one, and the others go on.
      if (left.length <= 1 || FirebreakError.isInstance(told)) for (const job of left) job.reject(told)
      else for (const job of left) await settle([job])
    }
  }

  async function drain(): Promise<void> {
    await Promise.resolve()
    while (queue.length > 0) await settle(nextBatch(queue))
    running = undefined
  }

  return {
    async append(writes: readonly Write[]): Promise<readonly Appended[]> {
      const prepared = rules.prepare(writes)
      const { job, done } = createJob(prepared)
      queue.push(job)
      running ??= drain()
      return done
    },
    forget: (stream: StreamId) => heads.delete(stream),
    /** Settles when nothing is queued any more. */
    async idle(): Promise<void> {
      while (running !== undefined) await running
    },
  }
}

const unknown: TimedHead = { version: 0, hash: '', at: '', summary: undefined, pruned: false }

function nextBatch(queue: Job[]): readonly Job[] {
  let [count, writes, characters] = [0, 0, 0]
  for (const job of queue) {
    writes += job.writes.length
    characters += job.characters
    if (count > 0 && (writes > largestBatch.writes || characters > largestBatch.characters)) break
    count += 1
  }
  return queue.splice(0, count)
}
