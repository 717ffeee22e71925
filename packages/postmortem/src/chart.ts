import { elapsed } from './elapsed.ts'
import { escapeHtml } from './escape.ts'
import type { Mark } from './marks.ts'
import type { Report } from './report.ts'

const width = 960
const left = 12
/** Room for the last label: all of them stand to the right of their lines. */
const right = 112
const barTop = 14
const barHeight = 34
const laneTop = barTop + barHeight + 30
const laneHeight = 40
/** Widest glyph of the labels, in units of the drawing: enough for a system font at 13. */
const glyph = 7.4

/** The incident as a drawing: a bar for the time at each level, a line for each turning point, true to time. */
export function renderChart(chart: NonNullable<Report['chart']>): string {
  const { from, until, spans, marks } = chart
  const x = (at: number) => round(left + ((at - from) / (until - from)) * (width - left - right))
  const bars = spans.map((span) => {
    const start = x(span.from)
    const size = Math.max(1, round(x(span.until) - start))
    const label = size > 3 * glyph ? `<text x="${start + 8}" y="${barTop + 22}">${span.severity}</text>` : ''
    const title = `${span.severity} for ${elapsed(span.until - span.from)}`
    return `<g class="${span.severity}"><title>${title}</title><rect x="${start}" y="${barTop}" width="${size}" height="${barHeight}"/>${label}</g>`
  })
  const places = placeMarks(marks, from, x)
  const points = places.map(({ label, time, at, lane }) => {
    const y = laneTop + lane * laneHeight
    const text = round(at + 6)
    return `<g class="mark"><line x1="${at}" y1="${barTop - 6}" x2="${at}" y2="${y + 14}"/><text x="${text}" y="${y}">${escapeHtml(label)}</text><text class="when" x="${text}" y="${y + 15}">${time}</text></g>`
  })
  const height = laneTop + (1 + Math.max(0, ...places.map(({ lane }) => lane))) * laneHeight
  const story = marks.map(({ label, at }) => `${label} ${elapsed(at - from)}`).join(', ')
  return `<figure class="chart"><svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="chart-title chart-text">
<title id="chart-title">Course of the incident</title>
<desc id="chart-text">Time since the beginning: ${escapeHtml(story)}.</desc>
<rect class="rail" x="${left}" y="${barTop}" width="${width - left - right}" height="${barHeight}"/>
${[...bars, ...points].join('\n')}
</svg><figcaption>True to time, from the first moment known to the last.</figcaption></figure>`
}

interface Place {
  readonly label: string
  readonly time: string
  readonly at: number
  readonly lane: number
}

/** From the last to the first, each as high as it fits: an earlier line is the longer one, so that no line crosses a label. */
function placeMarks(marks: readonly Mark[], from: number, x: (at: number) => number): readonly Place[] {
  const starts: number[] = []
  return marks.toReversed().map(({ label, at }) => {
    const time = at === from ? '0 s' : `+${elapsed(at - from)}`
    const end = x(at) + Math.max(label.length, time.length) * glyph
    const free = starts.findIndex((start) => end + 12 < start)
    const lane = free === -1 ? starts.length : free
    for (let above = 0; above <= lane; above += 1) starts[above] = x(at)
    return { label, time, at: x(at), lane }
  })
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
