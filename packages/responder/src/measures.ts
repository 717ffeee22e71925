/** Counters and histograms of this responder, for Prometheus. */
export interface Measures {
  count(name: string, labels?: Readonly<Record<string, string>>, by?: number): void
  /** Milliseconds. */
  observe(name: string, milliseconds: number): void
  /** Asked for its value at each rendering. */
  gauge(name: string, value: () => number): void
  /** Prometheus text exposition format 0.0.4. */
  render(): string
}

const boundsMs = [1, 5, 10, 50, 100, 500, 1_000, 5_000, 15_000, 60_000, 300_000]

export function createMeasures(): Measures {
  /** By metric, for all lines of one stand together; then by labels. */
  const counters = new Map<string, Map<string, number>>()
  const gauges = new Map<string, () => number>()
  const histograms = new Map<string, { counts: number[]; sum: number; total: number }>()

  return {
    count(name, labels = {}, by = 1) {
      const metric = `firebreak_${name}_total`
      let values = counters.get(metric)
      if (values === undefined) counters.set(metric, (values = new Map()))
      const key = renderLabels(labels)
      values.set(key, (values.get(key) ?? 0) + by)
    },
    gauge(name, value) {
      gauges.set(`firebreak_${name}`, value)
    },
    observe(name, milliseconds) {
      let histogram = histograms.get(name)
      if (histogram === undefined)
        histograms.set(name, (histogram = { counts: boundsMs.map(() => 0), sum: 0, total: 0 }))
      for (let index = boundsMs.length - 1; index >= 0 && milliseconds <= boundsMs[index]!; index -= 1)
        histogram.counts[index]! += 1
      histogram.sum += milliseconds
      histogram.total += 1
    },
    render() {
      const lines: string[] = []
      for (const [metric, values] of counters) {
        lines.push(`# TYPE ${metric} counter`)
        for (const [labels, value] of values) lines.push(`${metric}${labels} ${value}`)
      }
      for (const [metric, value] of gauges) lines.push(`# TYPE ${metric} gauge`, `${metric} ${value()}`)
      for (const [name, { counts, sum, total }] of histograms) {
        const metric = `firebreak_${name}_seconds`
        lines.push(`# TYPE ${metric} histogram`)
        for (const [index, bound] of boundsMs.entries())
          lines.push(`${metric}_bucket{le="${bound / 1_000}"} ${counts[index]}`)
        lines.push(`${metric}_bucket{le="+Inf"} ${total}`, `${metric}_sum ${sum / 1_000}`, `${metric}_count ${total}`)
      }
      return `${lines.join('\n')}\n`
    },
  }
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (it) => (it === '\n' ? '\\n' : `\\${it}`))}"`,
  )
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}
