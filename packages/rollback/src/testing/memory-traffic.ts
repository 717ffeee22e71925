import { FirebreakError, type HealthFigures, type HealthSample, type HealthSource } from '@firebreak/core'

/** How an image answers. */
export interface Behaviour {
  /** 0…1; default 0.001. */
  readonly errorRatio?: number | undefined
  /** Default 200. */
  readonly p95Ms?: number | undefined
  /** Do its service checks pass? Default true. */
  readonly checks?: boolean | undefined
}

/** What a unit did from some time on. */
export interface Stretch {
  readonly since: number
  readonly image: string
  readonly serving: boolean
}

interface Slice {
  readonly from: number
  readonly to: number
  readonly serving: number
}

interface Answers {
  readonly errorRatio: number
  readonly p95Ms: number
  readonly checks: boolean
}

export interface MemoryTraffic {
  behave(image: string, behaviour: Behaviour, since: number): void
  /** One unit that behaves in its own way, whatever it runs; `undefined` ends it. */
  behaveUnit(unit: string, behaviour: Behaviour | undefined, since: number): void
  behaviourOf(unit: string, image: string, at: number): Answers
  health: HealthSource
}

const well: Answers = { errorRatio: 0.001, p95Ms: 200, checks: true }

/** Even traffic over the units that serve, answered the way their image answers at the time. */
export function memoryTraffic(
  stretches: ReadonlyMap<string, readonly Stretch[]>,
  { perSecond, perUnit = true }: { perSecond: number; perUnit?: boolean | undefined },
): MemoryTraffic {
  const changes: { subject: string; since: number; behaviour: Behaviour | undefined }[] = []
  const latest = (subject: string, at: number) =>
    changes.findLast((change) => change.subject === subject && change.since <= at)?.behaviour
  const behaviourOf = (unit: string, image: string, at: number): Answers => {
    const told = latest(`unit ${unit}`, at) ?? latest(`image ${image}`, at)
    return {
      errorRatio: told?.errorRatio ?? well.errorRatio,
      p95Ms: told?.p95Ms ?? well.p95Ms,
      checks: told?.checks ?? well.checks,
    }
  }

  /** The stretches of a time in which nothing changed, and how many units served in each. */
  function slicesOf(since: number, until: number): readonly Slice[] {
    const edges = new Set([since, until])
    for (const change of changes) edges.add(change.since)
    for (const all of stretches.values()) for (const stretch of all) edges.add(stretch.since)
    const times = [...edges].filter((time) => time >= since && time <= until).sort((one, other) => one - other)
    return times.slice(1).map((to, index) => {
      const from = times[index]!
      let serving = 0
      for (const all of stretches.values()) if (stretchAt(all, from)?.serving === true) serving += 1
      return { from, to, serving }
    })
  }

  function figuresOf(unit: string, slices: readonly Slice[]): HealthFigures {
    let [requests, errors, slowest] = [0, 0, 0]
    for (const { from, to, serving } of slices) {
      const mine = stretchAt(stretches.get(unit) ?? [], from)
      if (mine?.serving !== true) continue
      const { errorRatio, p95Ms } = behaviourOf(unit, mine.image, from)
      const count = (((to - from) / 1000) * perSecond) / serving
      requests += count
      errors += count * errorRatio
      slowest = Math.max(slowest, p95Ms)
    }
    return toFigures(requests, errors, slowest)
  }
  const health: HealthSource = {
    sample({ since, until, units, signal }): Promise<HealthSample> {
      if (signal.aborted) return Promise.reject(signal.reason as Error)
      if (units !== undefined && !perUnit)
        return Promise.reject(
          new FirebreakError({ code: 'HEALTH_NOT_PER_UNIT', message: 'this source cannot tell units apart' }),
        )
      const ids = units ?? [...stretches.keys()]
      const slices = slicesOf(since, until)
      const each = Object.fromEntries(ids.map((id) => [id, figuresOf(id, slices)]))
      const all = Object.values(each)
      const total = toFigures(
        all.reduce((sum, { requests }) => sum + (requests ?? 0), 0),
        all.reduce((sum, { errors }) => sum + (errors ?? 0), 0),
        Math.max(0, ...all.map(({ p95Ms }) => p95Ms ?? 0)),
      )
      return Promise.resolve({ ...total, since, until, source: 'memory', ...(perUnit ? { units: each } : {}) })
    },
  }
  return {
    behave: (image, behaviour, since) => void changes.push({ subject: `image ${image}`, since, behaviour }),
    behaveUnit: (unit, behaviour, since) => void changes.push({ subject: `unit ${unit}`, since, behaviour }),
    behaviourOf,
    health,
  }
}

function stretchAt(all: readonly Stretch[], time: number): Stretch | undefined {
  return all.findLast(({ since }) => since <= time)
}

function toFigures(requests: number, errors: number, p95Ms: number): HealthFigures {
  const [whole, failed] = [Math.round(requests), Math.round(errors)]
  if (whole === 0) return { requests: 0, errors: 0, errorRatio: null, p95Ms: null }
  return { requests: whole, errors: failed, errorRatio: failed / whole, p95Ms }
}
