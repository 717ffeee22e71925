/** What a fold that mutates saves against one that copies, and what redaction costs a signal. */
import { applyEvent, emptyIncident, redact, type RecordedEvent, type Signal } from '../index.ts'

const at = '2026-11-23T02:00:00.000Z'
const summary = '111 of 183 requests failed (61 %) in 1 m, machine d8912be4c1e908, release v3 by ci@hotdash'

function signalAt(index: number): RecordedEvent {
  const signal: Signal = {
    id: `s${index}`,
    key: `k${index % 50}`,
    source: 'bench',
    measured: true,
    service: 'shop',
    status: 'firing',
    at,
    summary,
    symptoms: [{ kind: 'errorRate', ratio: 0.6, requests: 183 }],
    labels: {},
    links: [],
  }
  const place = { id: `e${index}`, stream: 'incident/shop/1', version: index + 1, at, recordedAt: at }
  return { ...place, type: 'signal.observed', actor: 'bench', data: signal, hash: '' }
}

/** The best of several runs, in milliseconds: the least disturbed one. */
function best(work: () => void, runs = 5): number {
  const times = Array.from({ length: runs }, () => {
    const begin = performance.now()
    work()
    return performance.now() - begin
  })
  return Math.min(...times)
}
const print = (result: object) => process.stdout.write(`${JSON.stringify(result)}\n`)

const events = Array.from({ length: 2_000 }, (_, index) => signalAt(index))
function mutating() {
  const incident = emptyIncident('incident/shop/1')
  for (const event of events) applyEvent(incident, event)
}
function copying() {
  let incident = emptyIncident('incident/shop/1')
  for (const event of events) {
    const copy = { ...incident, signals: new Map(incident.signals), signalIds: new Set(incident.signalIds) }
    incident = applyEvent(copy, event)
  }
}
print({
  bench: 'fold 2,000 signals, against a copy per event',
  ours: best(mutating),
  theirs: best(copying),
  unit: 'ms',
  bar: 5,
})

const many = Array.from({ length: 10_000 }, (_, index) => signalAt(index))
function storm() {
  const incident = emptyIncident('incident/shop/1')
  for (const event of many) applyEvent(incident, event)
}
print({ bench: 'fold 10,000 signals', ours: best(storm), unit: 'ms' })

const texts = Array.from({ length: 10_000 }, (_, index) => `${summary} ${index}`)
const redactAll = () => void texts.map((text) => redact(text))
const parseAll = () => void texts.map((text) => JSON.stringify({ text }))
print({
  bench: 'redact 10,000 summaries, against writing them as JSON',
  ours: best(redactAll),
  theirs: best(parseAll),
  unit: 'ms',
})
