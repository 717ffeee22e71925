import {
  withDeadline,
  type Clock,
  type DeployTarget,
  type HealthFigures,
  type JsonObject,
  type Lock,
  type Release,
} from '@firebreak/core'
import type { Comparison } from './compare-samples.ts'
import { RollbackRefused } from './errors.ts'
import type { ExecuteRollbackOptions } from './execute-rollback.ts'
import { imageBook, type ImageBook } from './images.ts'
import { judgeUnit, sampleOf } from './judge-unit.ts'
import { nextSteps, type UnitProgress } from './next-steps.ts'
import type { OutcomeUnit, RollbackOutcome, RollbackStatus } from './outcome.ts'
import type { JudgeNumbers, RollbackPlan } from './plan.ts'
import { planDigest } from './plan-digest.ts'
import { findRecorded, recordRollback, type Recorded } from './release-record.ts'
import { newestFirst } from './release-history.ts'
import type { RunMemory } from './run-memory.ts'
import { holdLock, type HeldLock } from './service-lock.ts'
import { updateUnit, type UnitResult } from './update-unit.ts'
import { bake, verifyRollback, type Verification } from './verify-rollback.ts'

type Settled = ExecuteRollbackOptions & { readonly clock: Clock; readonly signal: AbortSignal }

/** What a unit's outcome is in the journal. */
interface Done {
  readonly outcome: UnitResult['outcome']
  readonly serving: boolean
  readonly image: string
  readonly digest?: string
  readonly settledAt: number
  readonly why?: string
}

/** How long cleaning up may take after an abort. */
const farewellMs = 15_000

/** One run from the lock to the verdict. The journal is asked before every effect, and told after it. */
export async function performRollback(
  memory: RunMemory,
  target: DeployTarget,
  options: Settled,
): Promise<RollbackOutcome> {
  const { plan } = memory
  const { clock, signal, bus, health, onProgress } = options
  const numbers: JudgeNumbers = { ...plan.verify, ...options.judge }
  const { service, id: planId } = plan
  const done = new Map<string, Done>()
  const notes: string[] = []
  let judged = memory.outcome('judge') as unknown as Comparison | undefined
  let recorded: Recorded = {}

  for (const { id } of plan.units) {
    const before = memory.outcome(`unit/${id}`) as unknown as Done | undefined
    if (before !== undefined) done.set(id, before)
  }
  if (!memory.resumed && plan.nothingToDo) return end('nothingToDo', 'every machine runs it already', null)

  bus?.emit('rollback.planned', plannedEvent(plan))
  await memory.begin()
  let lock: HeldLock | undefined
  try {
    lock = await lockService()
    onProgress?.({ step: 'locked', why: lock.current()?.holder ?? 'the target has no lock' })
    const book = await freshBook()
    recorded = await beginRecord(book)
    const { status, why, figures } = await steps(lock, book)
    await endRecord(status, book)
    return await finish(status, why, figures)
  } catch (error) {
    if (error instanceof RollbackRefused) await finish('aborted', error.message, null, false)
    if (!signal.aborted) throw error
    return await abort(error)
  } finally {
    await farewell(async (own) => lock?.release(own))
  }

  async function lockService(): Promise<HeldLock> {
    return holdLock({
      target,
      clock,
      signal,
      waitMs: options.lockWaitMs ?? 60_000,
      known: memory.outcome('lock') as unknown as Lock | undefined,
      onWait: ({ milliseconds, why }) => onProgress?.({ step: 'waiting', milliseconds, why }),
      onLocked: async (held) => memory.write('outcome', 'lock', held),
    })
  }

  /** Under the lock: is the world still the plan's? */
  async function freshBook(): Promise<ImageBook> {
    const [releases, units] = await Promise.all([target.releases({ signal }), target.units({ signal })])
    const from = releases.find(({ version }) => version === plan.from.version)
    if (from === undefined || planDigest(service, from, plan.release, units) !== plan.digest)
      throw new RollbackRefused(
        'PLAN_CHANGED',
        `${service} is no longer what plan ${planId} saw (another release or machine): plan again`,
        { candidates: plan.candidates },
      )
    return imageBook(newestFirst(releases), units)
  }

  async function steps(
    held: HeldLock,
    book: ImageBook,
  ): Promise<{ status: RollbackStatus; why: string; figures: HealthFigures | null }> {
    for (;;) {
      const next = nextSteps(
        {
          plan,
          progress: progress(),
          onInconclusive: options.onInconclusive ?? 'continue',
          ...(judged === undefined ? {} : { judgement: judged.judgement }),
          ...stopping(held),
        },
        clock.now(),
      )
      if (next.kind === 'update') {
        const results = await Promise.all(next.units.map(async ({ id }) => updateOne(id, held, book)))
        if (results.some(({ held: stopped }) => stopped === true)) continue
      } else if (next.kind === 'judge') await judge(next.unit, held)
      else if (next.kind === 'verify') return verify(book)
      else
        return {
          status: next.kind === 'stop' ? next.status : 'aborted',
          why: stopReason(next.why),
          figures: judged?.after ?? null,
        }
    }
  }

  function progress(): ReadonlyMap<string, UnitProgress> {
    return new Map([...done].map(([id, { outcome, serving }]) => [id, { outcome, serving }]))
  }

  function stopping(held: HeldLock): { stop: string } | object {
    const stop = options.hold?.() === true ? 'held' : held.lost()
    return stop === undefined ? {} : { stop }
  }

  function stopReason(why: string): string {
    const failed = plan.units.map(({ id }) => done.get(id)).find((unit) => unit?.outcome === 'failed')
    const reason = failed?.why ?? (judged?.judgement === 'better' ? undefined : judged?.why)
    return reason === undefined ? why : `${why}: ${reason}`
  }

  async function updateOne(id: string, held: HeldLock, book: ImageBook): Promise<UnitResult> {
    const planned = plan.units.find((unit) => unit.id === id)
    if (planned === undefined) throw new RollbackRefused('PLAN_CHANGED', `plan ${planId} has no unit ${id}: plan again`)
    const attempted = memory.intent(`unit/${id}`) !== undefined
    if (!attempted) {
      const before = planned.judged ? await figuresOf(id) : null
      await memory.write('intent', `unit/${id}`, { image: plan.to.image, before: before as unknown as JsonObject })
    }
    onProgress?.({ step: 'updating', unit: id })
    const outcome = await updateUnit({
      target,
      id,
      release: plan.release,
      book,
      expected: planned,
      judged: planned.judged,
      attempted,
      lock: () => held.current(),
      idempotencyKey: `${memory.run}-${id}`.replaceAll(/[^\w-]/g, '-'),
      unitMs: options.unitMs ?? 300_000,
      clock,
      signal,
      stopped: () => (stopping(held) as { stop?: string }).stop,
      onWait: ({ milliseconds, why }) => onProgress?.({ step: 'waiting', unit: id, milliseconds, why }),
      onReverted: () =>
        tell(id, planned.region, plan.from.image, 'reverted', 'the platform put the old image back without saying so'),
    })
    if (outcome.held === true) return outcome
    const { unit, serving, why } = outcome
    const entry: Done = {
      outcome: outcome.outcome,
      serving,
      image: unit.image,
      ...(unit.digest === undefined ? {} : { digest: unit.digest }),
      settledAt: clock.now(),
      ...(why === undefined ? {} : { why }),
    }
    await memory.write('outcome', `unit/${id}`, entry)
    done.set(id, entry)
    tell(id, planned.region, unit.image, outcome.outcome, why)
    return outcome
  }

  function tell(
    unit: string,
    region: string,
    image: string,
    outcome: UnitResult['outcome'] | 'reverted',
    why?: string,
  ): void {
    const counted = { done: done.size, total: plan.units.length, ...(why === undefined ? {} : { why }) }
    bus?.emit('unit.updated', { service, unit, region, image, outcome, plan: planId, ...counted })
    onProgress?.({ step: 'updated', unit, outcome, ...counted })
  }

  async function figuresOf(id: string): Promise<HealthFigures | null> {
    if (health === undefined) return null
    const until = clock.now()
    const sample = await sampleOf(health, { since: until - numbers.judgeMs, until, units: [id], signal })
    return sample === null ? null : (sample.units?.[id] ?? figures(sample))
  }

  async function judge(id: string, held: HeldLock): Promise<void> {
    const intent = memory.intent(`unit/${id}`) as { before?: HealthFigures | null } | undefined
    judged = await judgeUnit({
      target,
      id,
      others: plan.units
        .filter((unit) => !done.has(unit.id) && !unit.staysStopped && !unit.alreadyThere)
        .map((unit) => unit.id),
      health,
      probe: options.probe,
      before: intent?.before ?? null,
      since: done.get(id)?.settledAt ?? clock.now(),
      numbers,
      clock,
      signal,
      stopped: () => (stopping(held) as { stop?: string }).stop,
    })
    await memory.write('outcome', 'judge', judged)
    onProgress?.({ step: 'judged', unit: id, judgement: judged.judgement, why: judged.why })
  }

  async function verify(book: ImageBook): Promise<Verification> {
    const settled = Math.max(...[...done.values()].map(({ settledAt }) => settledAt))
    const common = {
      target,
      units: plan.units.map(({ id }) => id),
      release: plan.release,
      book,
      health,
      since: settled,
      numbers,
      clock,
      signal,
    }
    const verified = await verifyRollback({ ...common, onProgress: (why) => onProgress?.({ step: 'verifying', why }) })
    if (verified.status !== 'verified') return verified
    return (
      (await bake({ ...common, onProgress: (why) => onProgress?.({ step: 'baking', why }) }, options.bakeMs ?? 0)) ??
      verified
    )
  }

  async function beginRecord(book: ImageBook): Promise<Recorded> {
    if (target.recordRelease === undefined) return {}
    const known = memory.outcome('release') as unknown as { release?: Release } | undefined
    if (known?.release !== undefined) return { release: known.release }
    const running = await findRecorded(target, plan, book, signal, ['running'])
    if (memory.intent('release') === undefined) await memory.write('intent', 'release', { image: plan.to.image })
    const result =
      running === undefined
        ? await recordRollback(target, plan, 'running', undefined, { signal, idempotencyKey: `${memory.run}-release` })
        : { release: running }
    if (result.note !== undefined) notes.push(result.note)
    await memory.write('outcome', 'release', result)
    return result
  }

  async function endRecord(status: RollbackStatus, book: ImageBook, own: AbortSignal = signal): Promise<void> {
    if (target.recordRelease === undefined) return
    const complete = status === 'verified' || status === 'unverified' || status === 'regressed'
    const ended = complete ? 'complete' : 'failed'
    const known = recorded.release ?? (await findRecorded(target, plan, book, own, ['running', ended]))
    if (known?.status === ended) return
    const nothingChanged = known === undefined && [...done.values()].every(({ outcome }) => outcome !== 'updated')
    if (nothingChanged) return
    const result = await recordRollback(target, plan, ended, known, {
      signal: own,
      idempotencyKey: `${memory.run}-release-${ended}`,
    })
    if (result.note !== undefined) notes.push(result.note)
    if (result.release !== undefined) recorded = { release: result.release }
  }

  /** The caller gave up: what is done stays, and is said. */
  async function abort(error: unknown): Promise<RollbackOutcome> {
    const why = `stopped by the caller${error instanceof Error && error.name !== 'AbortError' ? `: ${error.message}` : ''}`
    await farewell(async (own) => endRecord('aborted', imageBook([plan.release], []), own))
    return finish('aborted', why, null)
  }

  async function farewell(work: (own: AbortSignal) => Promise<unknown>): Promise<void> {
    const deadline = withDeadline(clock, farewellMs)
    try {
      await work(deadline.signal)
    } catch (error) {
      notes.push(error instanceof Error ? error.message : 'cleaning up failed')
    } finally {
      deadline.clear()
    }
  }

  async function finish(
    status: RollbackStatus,
    why: string,
    last: HealthFigures | null,
    telling = true,
  ): Promise<RollbackOutcome> {
    const outcome = end(status, why, last)
    await memory.write('outcome', 'finish', outcome)
    if (!telling) return outcome
    const versions = {
      from: { version: plan.from.version, image: plan.from.image },
      to: { version: plan.to.version, image: plan.to.image },
    }
    if (status === 'verified')
      bus?.emit('rollback.verified', {
        service,
        plan: planId,
        ...versions,
        ...(last === null ? {} : { errorRatio: last.errorRatio, requests: last.requests, p95Ms: last.p95Ms }),
      })
    else bus?.emit('rollback.failed', { service, plan: planId, status, why })
    return outcome
  }

  function end(status: RollbackStatus, why: string, last: HealthFigures | null): RollbackOutcome {
    const { from, to } = plannedEvent(plan)
    return {
      ok: status === 'verified' || status === 'nothingToDo',
      status,
      why,
      service,
      plan: planId,
      digest: plan.digest,
      from,
      to,
      units: plan.units.map((unit) => outcomeUnit(unit, done.get(unit.id), plan.nothingToDo)),
      untouchable: plan.untouchable.map(({ id, why: reason }) => ({ id, why: reason })),
      ...(judged === undefined ? {} : { judgement: { judgement: judged.judgement, why: judged.why } }),
      ...(recorded.release === undefined
        ? {}
        : { recorded: { version: recorded.release.version, status: recorded.release.status } }),
      figures: last === null ? null : figures(last),
      startedAt: memory.startedAt,
      finishedAt: new Date(clock.now()).toISOString(),
      resumed: memory.resumed,
      notes,
    }
  }
}

function outcomeUnit(
  { id, region, image, digest, alreadyThere }: RollbackPlan['units'][number],
  done: Done | undefined,
  nothingToDo: boolean,
): OutcomeUnit {
  const seen = done ?? { image, digest }
  return {
    id,
    region,
    image: seen.image,
    ...(seen.digest === undefined ? {} : { digest: seen.digest }),
    outcome: done?.outcome ?? (nothingToDo && alreadyThere ? 'alreadyThere' : 'untouched'),
    ...(done?.why === undefined ? {} : { why: done.why }),
  }
}

function figures({ requests, errors, errorRatio, p95Ms }: HealthFigures): HealthFigures {
  return { requests, errors, errorRatio, p95Ms }
}

/** `rollback.planned` as the bus and the log carry it. */
export function plannedEvent({ service, id, digest, from, to, units, reason }: RollbackPlan) {
  const named = (release: RollbackPlan['from']) => ({
    version: release.version,
    image: release.image,
    ...(release.digest === undefined ? {} : { digest: release.digest }),
  })
  return { service, plan: id, digest, from: named(from), to: named(to), units: units.map((unit) => unit.id), reason }
}
