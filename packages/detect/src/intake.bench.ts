/* A body of 1,000 rich alerts (670 kB) must be read within 10 ms. Noise only ever adds, so the fastest tenth of the rounds
   says what it costs, and the median is shown. Run: node --conditions=@firebreak/source src/intake.bench.ts */
import { parseAlertmanager, parsePrometheusAlerts } from './alertmanager.ts'

const alerts = 1_000
const rounds = 100
const barMs = 10

/** No two bodies share their instances, pods and texts: nothing can be remembered from one to the next. */
function body(round: number): { labels: object }[] {
  return Array.from({ length: alerts }, (_, index) => ({
    status: 'firing',
    labels: {
      alertname: 'HighErrorRate',
      severity: 'critical',
      service: `service-${index % 200}`,
      region: 'iad',
      cluster: 'eu-1',
      job: 'kubernetes-pods',
      instance: `10.${round}.${index % 255}.${index % 99}:9090`,
      pod: `service-${index}-7f9c6d5b8-${round}x2${index}z`,
    },
    annotations: {
      summary: `${index % 100} % of requests to service-${index % 200} failed in the last ${round} minutes, 5 % allowed`,
      description: `Pod service-${index} answers more than ${index % 100} % of its requests with 5xx.`,
      runbook_url: `https://runbooks.example.com/high-error-rate?pod=${index}`,
    },
    startsAt: '2026-08-22T10:00:00.123456789Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: `http://prometheus.example:9090/graph?g0.expr=rate%28errors%5B5m%5D%29&g0.tab=${index}`,
    fingerprint: (index * 7_919 + round * 1_000_000).toString(16).padStart(16, '0'),
  }))
}

interface Figures {
  readonly fastestMs: number
  readonly medianMs: number
}

function measure(encode: (list: object[]) => object, read: (bytes: Uint8Array) => readonly unknown[]): Figures {
  const times: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const bytes = Buffer.from(JSON.stringify(encode(body(round))))
    const startedAt = performance.now()
    const signals = read(bytes)
    times.push(performance.now() - startedAt)
    if (signals.length !== alerts) throw new Error(`${signals.length} signals of ${alerts} alerts`)
  }
  times.sort((left, right) => left - right)
  const at = (share: number) => times[Math.floor(rounds * share)] ?? Number.NaN
  return { fastestMs: at(0.1), medianMs: at(0.5) }
}

const group = (list: object[]) => ({ version: '4', status: 'firing', commonLabels: {}, alerts: list })
const figures = {
  'alertmanager webhook, 1,000 alerts': measure(group, (bytes) => parseAlertmanager(bytes)),
  'POST /api/v2/alerts, 1,000 alerts': measure(
    (list) => list,
    (bytes) => parsePrometheusAlerts(bytes),
  ),
}
for (const [name, { fastestMs, medianMs }] of Object.entries(figures)) {
  const verdict = fastestMs <= barMs ? 'ok' : 'TOO SLOW'
  console.log(
    `${verdict.padEnd(9)} ${name}: ${fastestMs.toFixed(1)} ms (median ${medianMs.toFixed(1)}), at most ${barMs} ms`,
  )
}
process.exitCode = Object.values(figures).every(({ fastestMs }) => fastestMs <= barMs) ? 0 : 1
