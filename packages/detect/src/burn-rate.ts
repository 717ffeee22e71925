import { InvalidInput, systemClock, type Burn, type Clock, type Symptom } from '@firebreak/core'
import { numberIn } from './numbers.ts'
import { wilsonLowerBound } from './wilson.ts'

/** Two windows that are looked at together. A policy's rule for them says from which rate on they matter. */
export interface BurnWindows {
  readonly longMs: number
  readonly shortMs: number
}

export interface BurnRateOptions {
  /** The share of requests that must succeed, 0…1, both ends excluded: 0.999. */
  readonly slo: number
  /** Default: 1 h/5 min, 6 h/30 min, 1 d/2 h, 3 d/6 h, for which the standard policy has rules. */
  readonly windows?: readonly BurnWindows[] | undefined
  /** Below so many failures in a window its rate is what is certain of it (Wilson's lower bound), not its face value. Default 10. */
  readonly certainFrom?: number | undefined
  readonly clock?: Clock | undefined
  /** What `state()` gave earlier. */
  readonly state?: BurnRateState | undefined
}

/** Both count up from the start of whatever counts, and begin again at 0 when it restarts. */
export interface RequestCounters {
  readonly requests: number
  readonly errors: number
}

/** Plain data. Each slot: its beginning in milliseconds since the epoch, requests and errors within. */
export interface BurnRateState {
  readonly slots: readonly (readonly [at: number, requests: number, errors: number])[]
  readonly last: RequestCounters | null
}

export interface BurnRate {
  /** Takes the counters' present values. */
  observe(counters: RequestCounters): void
  /** One symptom a pair of windows; none before anything was counted in the short one. */
  symptoms(): readonly Extract<Symptom, { kind: 'burnRate' }>[]
  state(): BurnRateState
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const standardWindows: readonly BurnWindows[] = [
  { longMs: hour, shortMs: 5 * minute },
  { longMs: 6 * hour, shortMs: 30 * minute },
  { longMs: day, shortMs: 2 * hour },
  { longMs: 3 * day, shortMs: 6 * hour },
]
/** Parts of the shortest window: how sharply a window ends. */
const slotsPerWindow = 20

/**
 * How fast an error budget is used up, from plain counters, over several pairs of windows. 1 uses up exactly the budget over
 * the period of the SLO. The long window says that it matters, the short one that it still goes on.
 */
export function burnRate(options: BurnRateOptions): BurnRate {
  const { clock = systemClock, windows = standardWindows } = options
  const slo = options.slo
  if (!(slo > 0 && slo < 1))
    throw new InvalidInput(
      'slo',
      `must lie between 0 and 1, got ${slo}${slo >= 1 && slo <= 100 ? `: ${slo} % is ${Number(`${slo}e-2`)}` : ''}`,
    )
  const certainFrom = numberIn(options.certainFrom ?? 10, 'certainFrom', 0)
  checkWindows(windows)
  const slotMs = Math.min(...windows.map(({ shortMs }) => shortMs)) / slotsPerWindow
  const longestMs = Math.max(...windows.map(({ longMs }) => longMs))
  const slots = (options.state?.slots ?? []).map(([at, requests, errors]) => ({ at, requests, errors }))
  let last = options.state?.last ?? null

  function rateOver(windowMs: number): Burn | undefined {
    const since = clock.now() - windowMs
    let requests = 0
    let errors = 0
    for (let index = slots.length - 1; index >= 0; index -= 1) {
      const slot = slots[index]
      // A slot counts when most of it lies in the window.
      if (slot === undefined || slot.at + slotMs / 2 <= since) break
      requests += slot.requests
      errors += slot.errors
    }
    if (requests === 0) return undefined
    const ratio = errors >= certainFrom ? errors / requests : wilsonLowerBound(errors, requests)
    return { rate: ratio / (1 - slo), windowMs }
  }

  return {
    observe({ requests, errors }) {
      numberIn(requests, 'requests', 0)
      numberIn(errors, 'errors', 0)
      if (errors > requests)
        throw new InvalidInput('errors', `are ${errors} of ${requests} requests: not more than all`)
      const restarted = last !== null && (requests < last.requests || errors < last.errors)
      const before = restarted ? { requests: 0, errors: 0 } : last
      last = { requests, errors }
      // The first values say what was counted before we looked, which may be years.
      if (before === null) return
      const slot = slots.at(-1)
      // A clock that was set back must not put slots out of order.
      const at = Math.max(slot?.at ?? 0, Math.floor(clock.now() / slotMs) * slotMs)
      const more = { requests: requests - before.requests, errors: errors - before.errors }
      if (slot?.at === at) {
        slot.requests += more.requests
        slot.errors += more.errors
      } else slots.push({ at, ...more })
      while ((slots[0]?.at ?? at) < at - longestMs - slotMs) slots.shift()
    },
    symptoms() {
      return windows.flatMap(({ longMs, shortMs }) => {
        const long = rateOver(longMs)
        const short = rateOver(shortMs)
        return long === undefined || short === undefined ? [] : [{ kind: 'burnRate' as const, slo, long, short }]
      })
    },
    state: () => ({ slots: slots.map(({ at, requests, errors }) => [at, requests, errors] as const), last }),
  }
}

function checkWindows(windows: readonly BurnWindows[]): void {
  if (windows.length === 0) throw new InvalidInput('windows', 'is empty: give at least one pair')
  for (const [index, { longMs, shortMs }] of windows.entries()) {
    numberIn(shortMs, `windows[${index}].shortMs`, 1)
    numberIn(longMs, `windows[${index}].longMs`, shortMs)
  }
}
