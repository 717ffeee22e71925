import {
  oneLine,
  formatPercent,
  type Clock,
  type DeployTarget,
  type HealthFigures,
  type HealthSource,
  type Release,
} from '@firebreak/core'
import { counted, wilson } from './compare-samples.ts'
import type { ImageBook } from './images.ts'
import { sampleOf } from './judge-unit.ts'
import type { JudgeNumbers } from './plan.ts'
import { span } from './plain-text.ts'

export interface Verification {
  readonly status: 'verified' | 'unverified' | 'partial' | 'regressed'
  readonly why: string
  readonly figures: HealthFigures | null
}

export interface VerifyOptions {
  readonly target: DeployTarget
  readonly units: readonly string[]
  readonly release: Release
  readonly book: ImageBook
  readonly health?: HealthSource | undefined
  /** When the last unit settled; milliseconds since the epoch. */
  readonly since: number
  readonly numbers: JudgeNumbers
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress?: ((why: string) => void) | undefined
}

/**
 * Asks every machine what it runs, and users' figures whether it is well: never the answer of the call that changed it.
 * Nothing measured is `unverified`, which is not a success.
 */
export async function verifyRollback(options: VerifyOptions): Promise<Verification> {
  const { clock, signal, health, numbers, since } = options
  const mixed = await notThere(options)
  if (mixed.length > 0) return { status: 'partial', why: `asked the machines: ${mixed.join(', ')}`, figures: null }
  if (health === undefined)
    return { status: 'unverified', why: 'every machine runs the image; nobody measures what users get', figures: null }
  return watchFigures({ health, since, numbers, clock, signal, onProgress: options.onProgress })
}

/** Looks at what users get since then, until it can tell: well, ill, or nothing measured. */
export async function watchFigures({
  health,
  since,
  numbers,
  clock,
  signal,
  onProgress,
}: Pick<VerifyOptions, 'since' | 'numbers' | 'clock' | 'signal' | 'onProgress'> & { health: HealthSource }): Promise<
  Verification & { status: 'verified' | 'unverified' | 'regressed' }
> {
  // From then on figures hold nothing of what was before the last unit settled.
  const newest = since + (health.resolutionMs ?? 0)
  const until = Math.max(clock.now(), newest) + numbers.verifyMs
  for (;;) {
    const now = clock.now()
    const figures = await windowOf(health, Math.max(newest, now - numbers.judgeMs), now, signal)
    const verdict = judgeWhole(figures, numbers)
    if (verdict === 'well') return { status: 'verified', why: describe(figures, numbers), figures }
    if (clock.now() >= until) {
      if (verdict === 'ill')
        return { status: 'regressed', why: `${describe(figures, numbers)} after ${span(numbers.verifyMs)}`, figures }
      return { status: 'unverified', why: `${describe(figures, numbers)}: too little to tell`, figures }
    }
    onProgress?.(describe(figures, numbers))
    await clock.sleep(Math.min(numbers.everyMs, until - clock.now()), signal)
  }
}

/**
 * Watches a verified rollback for so long: the first window that is surely ill again ends it. A window that tells nothing takes
 * nothing back: what was last seen well stands, with how long nobody could tell since.
 */
export async function bake(
  options: VerifyOptions,
  verified: Verification,
  bakeMs: number,
): Promise<Verification | undefined> {
  const { clock, signal, health, numbers } = options
  if (health === undefined || bakeMs <= 0) return undefined
  const since = clock.now()
  let wellAt = since
  let well: Pick<Verification, 'why' | 'figures'> = verified
  let figures: HealthFigures | null = null
  while (clock.now() < since + bakeMs) {
    await clock.sleep(Math.min(numbers.everyMs, since + bakeMs - clock.now()), signal)
    const now = clock.now()
    figures = await windowOf(health, Math.max(since, now - numbers.judgeMs), now, signal)
    const verdict = judgeWhole(figures, numbers)
    if (verdict === 'ill')
      return {
        status: 'regressed',
        why: `well at first, ${describe(figures, numbers)} after ${span(now - since)}`,
        figures,
      }
    if (verdict === 'well') {
      wellAt = now
      well = { why: `${describe(figures, numbers)}, for ${span(now - since)}`, figures }
    }
    options.onProgress?.(describe(figures, numbers))
  }
  const unseenMs = Math.max(0, since + bakeMs - wellAt)
  const mixed = await notThere(options)
  if (mixed.length > 0) return { status: 'partial', why: `asked the machines again: ${mixed.join(', ')}`, figures }
  const when = wellAt === since ? `in the ${span(bakeMs)} after that` : `for the last ${span(unseenMs)}`
  const unseen = unseenMs === 0 ? '' : `; ${when} too little was seen to tell`
  return { status: 'verified', why: `${well.why}${unseen}`, figures: well.figures }
}

/** Enough requests, and the ratio below the line; or surely above it. */
function judgeWhole(
  figures: HealthFigures | null,
  { requests, healthyRatio }: JudgeNumbers,
): 'well' | 'ill' | 'unknown' {
  const known = counted(figures)
  if (known === undefined || known.requests < requests) return 'unknown'
  if (known.errors / known.requests < healthyRatio) return 'well'
  return wilson(known, 2)[0] >= healthyRatio / 2 ? 'ill' : 'unknown'
}

async function windowOf(
  health: HealthSource,
  since: number,
  until: number,
  signal: AbortSignal,
): Promise<HealthFigures | null> {
  return until <= since ? null : sampleOf(health, { since, until, signal })
}

async function notThere({ target, units, release, book, signal }: VerifyOptions): Promise<readonly string[]> {
  const observed = await Promise.all(
    units.map(async (id) => {
      try {
        return { id, unit: await target.observe(id, { signal }) }
      } catch (error) {
        signal.throwIfAborted()
        return { id, why: error instanceof Error ? oneLine(error.message, 80) : 'it does not answer' }
      }
    }),
  )
  return observed.flatMap(({ id, unit, why }) => {
    if (unit === undefined) return [`${oneLine(id, 40)} could not be asked (${why ?? ''})`]
    if (unit.state === 'gone' || book.same(unit, release)) return []
    return [`${oneLine(id, 40)} runs ${oneLine(unit.image, 80)}`]
  })
}

function describe(figures: HealthFigures | null, { healthyRatio }: JudgeNumbers): string {
  const known = counted(figures)
  if (known === undefined) return 'what users get is not known'
  const ratio = known.requests === 0 ? 0 : known.errors / known.requests
  const latency = figures?.p95Ms === null || figures === null ? '' : `, p95 ${Math.round(figures.p95Ms)} ms`
  return `${known.errors} of ${known.requests} failed (${formatPercent(ratio)}, below ${formatPercent(healthyRatio)} is well)${latency}`
}
