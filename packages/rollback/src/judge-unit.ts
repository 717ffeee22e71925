import {
  oneLine,
  type Clock,
  type DeployTarget,
  type HealthFigures,
  type HealthSample,
  type HealthSource,
  type Unit,
} from '@firebreak/core'
import { compareSamples, counted, type Comparison } from './compare-samples.ts'
import type { JudgeNumbers } from './plan.ts'
import { span } from './plain-text.ts'
import { isResting, isServing, servingChecks } from './plan-units.ts'

/** One own request to a unit: did it work? Used where there is too little traffic to judge by. */
export type UnitProbe = (unit: Unit, context: { signal: AbortSignal }) => Promise<boolean>

export interface JudgeUnitOptions {
  readonly target: DeployTarget
  readonly id: string
  /** Those that still run what is left: the best comparison, because it is from the same minute. */
  readonly others: readonly string[]
  readonly health?: HealthSource | undefined
  readonly probe?: UnitProbe | undefined
  /** What it answered before it was changed. */
  readonly before: HealthFigures | null
  /** It was in the pool then: what it answered says how ill it was. */
  readonly wasServing: boolean
  /** When it settled; milliseconds since the epoch. */
  readonly since: number
  readonly numbers: JudgeNumbers
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly stopped: () => string | undefined
}

const unknown: HealthFigures = { requests: null, errors: null, errorRatio: null, p95Ms: null }

/**
 * Is the first unit better on the other image? Looks until it can tell, at most `judgeMs`. A check that fails for the whole
 * time is "as ill", whatever the figures say.
 */
export async function judgeUnit(options: JudgeUnitOptions): Promise<Comparison> {
  const { clock, signal, since, numbers, target, id, stopped } = options
  const until = since + numbers.judgeMs
  let [probes, good] = [0, 0]
  let last: Comparison = {
    judgement: 'inconclusive',
    why: 'nobody measures requests here',
    before: options.before,
    after: null,
  }
  for (;;) {
    const unit = await target.observe(id, { signal }).catch((error: unknown) => rethrow(error, signal))
    if (unit !== undefined && options.probe !== undefined && probes < numbers.probes) {
      probes += 1
      good += Number(await options.probe(unit, { signal }).catch((error: unknown) => rethrow(error, signal) ?? false))
    }
    last = await compare(options, { requests: probes, errors: probes - good }, numbers)
    const healthy = unit !== undefined && isServing(unit)
    if (last.judgement !== 'inconclusive' && (healthy || last.judgement === 'worse')) return last
    const reason = stopped()
    if (reason !== undefined) return { ...last, judgement: 'inconclusive', why: `${reason}, before it could be told` }
    if (clock.now() >= until) return unit === undefined ? last : atTheEnd(unit, last, numbers)
    await clock.sleep(Math.min(numbers.everyMs, until - clock.now()), signal)
  }
}

function atTheEnd(unit: Unit, last: Comparison, { judgeMs }: JudgeNumbers): Comparison {
  const failing = servingChecks(unit).filter(({ status }) => status !== 'passing')
  // Put to rest by the platform for want of traffic: that says nothing.
  if (isResting(unit)) return { ...last, judgement: 'inconclusive', why: `it is ${unit.state}` }
  if (unit.state !== 'started' || failing.length > 0)
    return {
      ...last,
      judgement: 'worse',
      why:
        unit.state === 'started'
          ? `${failing.map(({ name }) => oneLine(name, 40)).join(', ')} still fails after ${span(judgeMs)}`
          : `its state is ${unit.state} after ${span(judgeMs)}`,
    }
  return last
}

async function compare(
  options: JudgeUnitOptions,
  probed: { requests: number; errors: number },
  numbers: JudgeNumbers,
): Promise<Comparison> {
  const { health, id, others, since, clock, wasServing, signal } = options
  // Out of the pool, what it answered was not the trouble: then it is judged by whether it serves well now.
  const before = wasServing || isIll(options.before, numbers) ? options.before : null
  const probedFigures: HealthFigures = {
    ...unknown,
    ...probed,
    errorRatio: probed.requests === 0 ? null : probed.errors / probed.requests,
  }
  const byProbes = () =>
    probed.requests < numbers.probes
      ? undefined
      : compareSamples(before, probedFigures, { requests: numbers.probes, healthyRatio: numbers.healthyRatio })
  const now = clock.now()
  const sample =
    health === undefined || now <= since
      ? null
      : await sampleOf(health, { since, until: now, units: [id, ...others], signal })
  if (sample === null)
    return byProbes() ?? { judgement: 'inconclusive', why: 'what users get could not be read', before, after: null }
  const after = sample.units?.[id]
  if (after === undefined) {
    // The source cannot tell units apart: the whole may only speak for it, never against it.
    const whole = compareSamples(before, sample, numbers)
    return whole.judgement === 'worse'
      ? { ...whole, judgement: 'inconclusive', why: `${whole.why}; one unit cannot be told from the others` }
      : whole
  }
  const control = pool(others.map((other) => sample.units?.[other] ?? unknown))
  const enough = (control.requests ?? 0) >= numbers.requests
  const controlIll = isIll(control, numbers)
  if (enough && !controlIll && wasServing && compareSamples(before, control, numbers).judgement === 'better') {
    const alone = compareSamples(before, after, numbers)
    // What passed by itself everywhere speaks neither for the other image nor against it.
    return alone.judgement === 'worse'
      ? alone
      : { ...alone, judgement: 'inconclusive', why: `${alone.why}; the others, which were not changed, are well too` }
  }
  const comparable = controlIll || (wasServing && !isIll(before, numbers))
  const baseline = enough && comparable ? control : before
  const verdict = compareSamples(baseline, after, numbers)
  const beside = baseline === control ? { ...verdict, why: verdict.why.replace(/ before/, ' on the others') } : verdict
  return beside.judgement === 'inconclusive' ? (byProbes() ?? beside) : beside
}

function isIll(figures: HealthFigures | null, { healthyRatio }: JudgeNumbers): boolean {
  const known = counted(figures)
  return known !== undefined && known.requests > 0 && known.errors / known.requests >= healthyRatio
}

/** Figures of several units together. */
export function pool(figures: readonly HealthFigures[]): HealthFigures {
  const known = figures.filter(({ requests }) => requests !== null)
  if (known.length === 0) return unknown
  const requests = known.reduce((sum, each) => sum + (each.requests ?? 0), 0)
  const errors = known.reduce(
    (sum, each) => sum + (each.errors ?? Math.round((each.errorRatio ?? 0) * (each.requests ?? 0))),
    0,
  )
  const slowest = known.map(({ p95Ms }) => p95Ms).filter((ms) => ms !== null)
  return {
    requests,
    errors,
    errorRatio: requests === 0 ? null : errors / requests,
    p95Ms: slowest.length === 0 ? null : Math.max(...slowest),
  }
}

/** Per unit where the source can tell, the whole where it cannot, `null` where it does not answer. */
export async function sampleOf(
  health: HealthSource,
  {
    since,
    until,
    units,
    signal,
  }: { since: number; until: number; units?: readonly string[] | undefined; signal: AbortSignal },
): Promise<HealthSample | null> {
  try {
    return await health.sample({ since, until, signal, ...(units === undefined ? {} : { units }) })
  } catch (error) {
    signal.throwIfAborted()
    if (units === undefined || (error as { code?: unknown }).code !== 'HEALTH_NOT_PER_UNIT') return null
    return sampleOf(health, { since, until, signal })
  }
}

function rethrow(_error: unknown, signal: AbortSignal): undefined {
  signal.throwIfAborted()
  return undefined
}
