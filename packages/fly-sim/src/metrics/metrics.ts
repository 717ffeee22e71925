import type { Machine } from '../world/machine.ts'
import type { Reading } from './flow.ts'
import type { Grid, Labels, Series } from './series.ts'
import { computedSeries } from './series.ts'
import type { Steps } from './steps.ts'
import { createSteps } from './steps.ts'

/** Whoever counts responses: a machine as the proxy sees it, or the edge of a region. */
export interface Holder {
  readonly view: 'app' | 'edge'
  readonly labels: Labels
  /** Milliseconds since the epoch; its machine was destroyed then, and the series end. */
  until?: number
  statuses(): readonly string[]
  value(time: number, status: string): Reading | undefined
}

/** What a query wants at least; only to save work, never relied on. */
export interface Hint {
  readonly app?: string | undefined
  readonly instance?: string | undefined
}

/** The organization's Prometheus. All figures follow from traffic and from what machines did. */
export interface Metrics {
  readonly grid: Grid
  readonly bounds: readonly number[]
  names(): readonly string[]
  select(name: string, hint: Hint): readonly Series[]
  count(holder: Holder): void
  running(machine: Machine, up: boolean): void
  exited(machine: Machine, code: number, oom: boolean): void
  /** A destroyed machine's series end. */
  ended(machine: Machine): void
}

const exitNames = ['fly_instance_exit_code', 'fly_instance_exit_oom'] as const
/** How long an exit can be seen, at least; a slow scraper would otherwise miss it. */
const exitShownMs = 60_000

export function createMetrics(grid: Grid, bounds: readonly number[], now: () => number): Metrics {
  const holders: Holder[] = []
  const gauges = new Map<string, Map<string, { labels: Labels; steps: Steps }>>()

  function gauge(name: string, machine: Machine): Steps {
    const family = gauges.get(name) ?? new Map<string, { labels: Labels; steps: Steps }>()
    gauges.set(name, family)
    const known = family.get(machine.id)
    if (known !== undefined) return known.steps
    const added = { labels: labelsOf(machine), steps: createSteps() }
    family.set(machine.id, added)
    return added.steps
  }

  function* responses(view: Holder['view'], suffix: string, name: string, hint: Hint): Generator<Series> {
    for (const holder of holders) {
      if (holder.view !== view || !hinted(holder.labels, hint)) continue
      for (const status of holder.statuses()) {
        const labels = { ...holder.labels, status }
        const at = (read: (reading: Reading) => number) => (time: number) => {
          if (time > (holder.until ?? Infinity)) return undefined
          const reading = holder.value(time, status)
          return reading === undefined || reading.count === 0 ? undefined : read(reading)
        }
        if (suffix === '_sum')
          yield computedSeries(
            name,
            labels,
            grid,
            at((reading) => reading.sumSeconds),
          )
        else if (suffix !== '_bucket')
          yield computedSeries(
            name,
            labels,
            grid,
            at((reading) => reading.count),
          )
        else {
          for (const [index, bound] of bounds.entries())
            yield computedSeries(
              name,
              { ...labels, le: String(bound) },
              grid,
              at((reading) => reading.within(index)),
            )
          yield computedSeries(
            name,
            { ...labels, le: '+Inf' },
            grid,
            at((reading) => reading.count),
          )
        }
      }
    }
  }

  const responseNames = new Map<string, { readonly view: Holder['view']; readonly suffix: string }>()
  for (const view of ['app', 'edge'] as const) {
    responseNames.set(`fly_${view}_http_responses_count`, { view, suffix: '' })
    for (const suffix of ['_bucket', '_sum', '_count'])
      responseNames.set(`fly_${view}_http_response_time_seconds${suffix}`, { view, suffix })
  }

  return {
    grid,
    bounds,
    names: () => [...responseNames.keys(), ...gauges.keys()],
    select(name, hint) {
      const kind = responseNames.get(name)
      if (kind !== undefined) return [...responses(kind.view, kind.suffix, name, hint)]
      const series: Series[] = []
      for (const { labels, steps } of gauges.get(name)?.values() ?? [])
        if (hinted(labels, hint)) series.push(computedSeries(name, labels, grid, steps.at))
      return series
    },
    count: (holder) => void holders.push(holder),
    ended(machine) {
      for (const holder of holders) if (holder.labels['instance'] === machine.id) holder.until = now()
    },
    running: (machine, up) => gauge('fly_instance_up', machine).set(now(), up ? 1 : undefined),
    exited(machine, code, oom) {
      const shownUntil = now() + Math.max(exitShownMs, 2 * grid.everyMs)
      for (const [name, value] of [
        [exitNames[0], code],
        [exitNames[1], oom ? 1 : 0],
      ] as const) {
        const steps = gauge(name, machine)
        steps.set(now(), value)
        steps.set(shownUntil, undefined)
      }
    },
  }
}

export function labelsOf(machine: Machine): Labels {
  return { app: machine.app, region: machine.region, host: machine.host, instance: machine.id }
}

function hinted(labels: Labels, { app, instance }: Hint): boolean {
  return (app === undefined || labels['app'] === app) && (instance === undefined || labels['instance'] === instance)
}
