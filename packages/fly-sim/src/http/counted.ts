import type { Holder, Metrics } from '../metrics/metrics.ts'
import type { Labels } from '../metrics/series.ts'
import { indexAt } from '../metrics/series.ts'
import { copyTally, countOne } from '../metrics/tally.ts'
import type { Tally } from '../metrics/tally.ts'

/** What a proxy really counted, and what each scrape saw of it. */
export interface Counted {
  count(status: number, seconds: number): void
  scrape(time: number): void
}

/** Older scrapes are forgotten. */
const keptScrapes = 20_000

export function createCounted(metrics: Metrics, view: Holder['view'], labels: Labels): Counted {
  const live: Tally = new Map()
  const scrapes: { readonly time: number; readonly tally: Tally }[] = []
  let unchanged = false
  metrics.count({
    view,
    labels,
    statuses: () => [...live.keys()],
    value(time, status) {
      const own = scrapes[indexAt(scrapes, time)]?.tally.get(status)
      return own === undefined
        ? undefined
        : { count: own.count, sumSeconds: own.sumSeconds, within: (index) => own.within[index] ?? own.count }
    },
  })
  return {
    count(status, seconds) {
      unchanged = false
      countOne(live, String(status), seconds, metrics.bounds)
    },
    scrape(time) {
      const last = scrapes.at(-1)
      scrapes.push({ time, tally: unchanged && last !== undefined ? last.tally : copyTally(live) })
      unchanged = true
      if (scrapes.length > keptScrapes * 1.1) scrapes.splice(0, scrapes.length - keptScrapes)
    },
  }
}
