import type { HealthFigures, HealthSample, Illness, IllUnit, Unit } from '@firebreak/core'
import { formatPercent, oneLine } from '@firebreak/core'
import type { SuspectNumbers } from './automation.ts'
import { isResting, isServing, servingChecks } from './plan-units.ts'

/** One unit as the tests see it. `undefined`: nothing is known of it. */
export interface UnitHealth {
  readonly unit: Unit
  readonly ill: IllUnit['kind'] | undefined
  readonly why: string
  readonly figures: HealthFigures | undefined
}

/** Is each unit ill? By its state and its service checks, then by what it answers. Resting units are neither. */
export function healthOfUnits(
  units: readonly Unit[],
  current: HealthSample | null,
  numbers: Pick<SuspectNumbers, 'illRatio' | 'requests'>,
  crashed: readonly string[] = [],
): readonly UnitHealth[] {
  return units
    .filter((unit) => unit.state !== 'gone' && !unit.cordoned && (!isResting(unit) || crashed.includes(unit.id)))
    .map((unit) => {
      const figures = current?.units?.[unit.id]
      const failing = servingChecks(unit).filter(({ status }) => status !== 'passing')
      if (crashed.includes(unit.id) && !isServing(unit))
        return { unit, figures, ill: 'crash', why: 'it exited by itself' }
      if (unit.state === 'failed') return { unit, figures, ill: 'down', why: 'its state is failed' }
      if (unit.state === 'started' && failing.length > 0)
        return { unit, figures, ill: 'down', why: `${failing.map(({ name }) => oneLine(name, 40)).join(', ')} fails` }
      const { requests = null, errorRatio = null } = figures ?? {}
      if (requests !== null && errorRatio !== null && requests >= numbers.requests && errorRatio >= numbers.illRatio)
        return { unit, figures, ill: 'errors', why: `${formatPercent(errorRatio)} of ${requests} requests fail` }
      return { unit, figures, ill: undefined, why: requests === null ? 'nothing known' : `${requests} requests` }
    })
}

/** The ill ones as data, and since when exactly these have been ill. */
export function illnessOf(
  units: readonly Unit[],
  health: readonly UnitHealth[],
  previous: Illness | undefined,
  now: number,
): Illness {
  const isolated = units.filter((unit) => unit.cordoned && unit.state !== 'gone' && !isResting(unit)).length
  const well = health.filter(({ ill }) => ill === undefined)
  const ill = health.flatMap(({ unit, ill: kind, why }): IllUnit[] =>
    kind === undefined
      ? []
      : [
          {
            unit: unit.id,
            region: unit.region,
            kind,
            why,
            lastOfRegion: !well.some((other) => other.unit.region === unit.region && other.unit.group === unit.group),
          },
        ],
  )
  const ids = (all: readonly IllUnit[]) =>
    all
      .map(({ unit }) => unit)
      .toSorted()
      .join(' ')
  const same = previous !== undefined && ids(previous.ill) === ids(ill)
  return { ill, total: health.length + isolated, isolated, since: same ? previous.since : new Date(now).toISOString() }
}
