import type { Release, Unit } from '@firebreak/core'
import type { ImageBook } from './images.ts'
import type { PlannedUnit, RollbackPlan } from './plan.ts'

/** Share of the serving units that may be away at once; flyctl's default of `max_unavailable`. */
const maxUnavailable = 0.33

/** Checks that take a unit out of the pool; informational ones say nothing about serving. */
export function servingChecks(unit: Unit): Unit['checks'] {
  return unit.checks.filter(({ kind }) => kind !== 'informational')
}

/** Started, in the pool, and every check that counts passes. */
export function isServing(unit: Unit): boolean {
  return unit.state === 'started' && !unit.cordoned && servingChecks(unit).every(({ status }) => status === 'passing')
}

export function isResting(unit: Unit): boolean {
  return unit.state === 'stopped' || unit.state === 'suspended'
}

/** Who is changed, in which order, and who is left alone. */
export function planUnits(
  units: readonly Unit[],
  to: Release,
  book: ImageBook,
): Pick<RollbackPlan, 'units' | 'untouchable' | 'batch' | 'floor'> {
  const present = units.filter(({ state }) => state !== 'gone')
  const ours = present.filter(({ untouchable }) => untouchable === undefined)
  const inRegion = (unit: Unit) =>
    ours.filter(({ region, state }) => region === unit.region && state === 'started').length
  const rank = (unit: Unit) => (isResting(unit) ? 2 : book.same(unit, to) ? 1 : 0)
  // The ill before the well: they lose nothing. The biggest region first: the last of a region is not the one to try on.
  const ordered = ours.toSorted(
    (one, other) =>
      rank(one) - rank(other) ||
      Number(isServing(one)) - Number(isServing(other)) ||
      inRegion(other) - inRegion(one) ||
      compareText(one.region, other.region) ||
      compareText(one.id, other.id),
  )
  const judged = ordered.find((unit) => rank(unit) === 0)
  const started = ordered.filter((unit) => !isResting(unit)).length
  return {
    units: ordered.map((unit) => planUnit(unit, to, book, unit === judged)),
    untouchable: present
      .filter(({ untouchable }) => untouchable !== undefined)
      .toSorted((one, other) => compareText(one.id, other.id))
      .map(({ id, region, untouchable = '', image }) => ({ id, region, why: untouchable, image })),
    batch: Math.max(1, Math.floor(started * maxUnavailable)),
    floor: floorOf(ordered),
  }
}

function planUnit(unit: Unit, to: Release, book: ImageBook, judged: boolean): PlannedUnit {
  const checks = servingChecks(unit)
  const digest = book.digestOf(unit)
  return {
    id: unit.id,
    region: unit.region,
    group: unit.group,
    state: unit.state,
    checks:
      checks.length === 0 ? '-' : `${checks.filter(({ status }) => status === 'passing').length}/${checks.length}`,
    image: unit.image,
    ...(digest === undefined ? {} : { digest }),
    ...(unit.release === undefined ? {} : { release: unit.release }),
    serving: isServing(unit),
    staysStopped: isResting(unit),
    judged,
    alreadyThere: book.same(unit, to),
  }
}

/** By group: how many of the units that serve now must go on serving while others are changed. */
function floorOf(units: readonly Unit[]): Record<string, number> {
  const serving = new Map<string, number>()
  for (const unit of units) serving.set(unit.group, (serving.get(unit.group) ?? 0) + Number(isServing(unit)))
  return Object.fromEntries(
    [...serving].map(([group, count]) => [group, Math.max(0, count - Math.max(1, Math.floor(count * maxUnavailable)))]),
  )
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
