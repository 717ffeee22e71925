import { elapsed } from './elapsed.ts'
import { escapeHtml } from './escape.ts'
import type { Report } from './report.ts'

const width = 960
const side = 12
const barTop = 14
const barHeight = 34
const laneTop = barTop + barHeight + 30
const laneHeight = 40
/** Widest glyph of the labels, in units of the drawing: enough for a system font at 13. */
const glyph = 7.4

/** The incident as a drawing: a bar for the time at each level, a line for each turning point, true to time. */
export function renderChart(chart: NonNullable<Report['chart']>): string {
  const { from, until, spans, marks } = chart
  const x = (at: number) => round(side + ((at - from) / (until - from)) * (width - 2 * side))
  const bars = spans.map((span) => {
    const left = x(span.from)
    const size = Math.max(1, round(x(span.until) - left))
    const label = size > 3 * glyph ? `<text x="${left + 8}" y="${barTop + 22}">${span.severity}</text>` : ''
    const title = `${span.severity} for ${elapsed(span.until - span.from)}`
    return `<g class="${span.severity}"><title>${title}</title><rect x="${left}" y="${barTop}" width="${size}" height="${barHeight}"/>${label}</g>`
  })
  const ends: number[] = []
  const points = marks.map(({ label, at }) => {
    const time = at === from ? '0 s' : `+${elapsed(at - from)}`
    const wide = Math.max(label.length, time.length) * glyph
    const place = x(at)
    const rightward = place + wide < width - side
    const left = rightward ? place : place - wide
    const free = ends.findIndex((end) => end + 12 < left)
    const lane = free === -1 ? ends.length : free
    ends[lane] = left + wide
    const y = laneTop + lane * laneHeight
    const anchor = rightward ? 'start' : 'end'
    const textX = rightward ? place + 6 : place - 6
    return `<g class="mark"><line x1="${place}" y1="${barTop - 6}" x2="${place}" y2="${y + 14}"/><text x="${textX}" y="${y}" text-anchor="${anchor}">${escapeHtml(label)}</text><text class="when" x="${textX}" y="${y + 15}" text-anchor="${anchor}">${time}</text></g>`
  })
  const height = laneTop + Math.max(1, ends.length) * laneHeight
  const story = marks.map(({ label, at }) => `${label} ${elapsed(at - from)}`).join(', ')
  return `<figure class="chart"><svg viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="chart-title chart-text">
<title id="chart-title">Course of the incident</title>
<desc id="chart-text">Time since the beginning: ${escapeHtml(story)}.</desc>
<rect class="rail" x="${side}" y="${barTop}" width="${width - 2 * side}" height="${barHeight}"/>
${[...bars, ...points].join('\n')}
</svg><figcaption>True to time, from the first moment known to the last.</figcaption></figure>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
