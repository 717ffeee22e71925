import { renderChart } from './chart.ts'
import { escapeHtml } from './escape.ts'
import { ranges } from './ranges.ts'
import type { Block, Cell, Report, Source, TimelineRow } from './report.ts'
import { said } from './said.ts'
import { stylesheet } from './stylesheet.ts'

/** Nothing is loaded and nothing runs: no script, no picture, no font, no form, no frame. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** A page in a single file. */
export function renderHtml(report: Report): string {
  const { title, incident, status, lead, worst, tiles, chart, sections, timeZone } = report
  const level = `<span class="level ${escapeHtml(worst)}">${escapeHtml(worst)}</span>`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${stylesheet}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
<header>
<p class="eyebrow">${level} ${escapeHtml(said(incident))}, ${escapeHtml(status)}</p>
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(lead)}</p>
<dl class="tiles">${tiles.map(({ label, value }) => `<div><dt>${escapeHtml(label)}</dt><dd>${escapeHtml(value)}</dd></div>`).join('')}</dl>
${chart === null ? '' : renderChart(chart)}
<nav aria-label="Sections"><ul>${sections.map(({ id, title: name }) => `<li><a href="#${id}">${escapeHtml(name)}</a></li>`).join('')}</ul></nav>
</header>
<main id="content">
${sections.map((section) => renderSection(section, report)).join('\n')}
</main>
<footer><p>Times in ${escapeHtml(timeZone)}. Written by Firebreak from the incident log; blanks are for people to fill.</p></footer>
</body>
</html>
`
}

function renderSection({ id, title, blocks }: Report['sections'][number], report: Report): string {
  const body = blocks.map((block) => renderBlock(block, report)).join('\n')
  return `<section id="${id}" aria-labelledby="${id}-title">\n<h2 id="${id}-title">${escapeHtml(title)}</h2>\n${body}\n</section>`
}

function renderBlock(block: Block, report: Report): string {
  switch (block.kind) {
    case 'fact':
      return `<p>${escapeHtml(block.text)}${references(block.sources, report)}</p>`
    case 'blank':
      return `<div class="blank"><strong>To fill in: ${escapeHtml(block.label)}</strong>${escapeHtml(block.prompt)}</div>`
    case 'table':
      return renderTable(block, report)
    case 'timeline':
      return renderLog(block.rows, report)
  }
}

function renderTable({ caption, head, rows }: Extract<Block, { kind: 'table' }>, report: Report): string {
  const heads = head.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join('')
  const body = rows.map((row) => `<tr>${row.map((cell) => renderCell(cell, report)).join('')}</tr>`).join('\n')
  return `<div class="scroll" tabindex="0" role="group" aria-label="${escapeHtml(caption)}"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${heads}</tr></thead><tbody>\n${body}\n</tbody></table></div>`
}

function renderCell(cell: Cell, report: Report): string {
  if ('blank' in cell) return `<td><span class="blank">To fill in: ${escapeHtml(cell.blank)}</span></td>`
  return `<td>${escapeHtml(cell.text)}${references(cell.sources ?? [], report)}</td>`
}

function renderLog(rows: readonly TimelineRow[], report: Report): string {
  const lines = rows.map((row) => {
    const anchor = row.members === undefined ? anchorOf(row.sources[0], report) : ''
    const members = row.members === undefined ? '' : renderMembers(row.members, report)
    const text = row.members === undefined ? escapeHtml(row.text) + references(row.sources, report) : members
    return `<tr${anchor}${row.routine ? ' class="routine"' : ''}><td class="time">${escapeHtml(row.time)}</td><td class="type">${escapeHtml(row.type)}</td><td>${text}</td></tr>`
  })
  return `<div class="scroll" tabindex="0" role="group" aria-label="Timeline"><table class="log"><caption>Every event of the log, in the order in which it happened</caption><thead><tr><th scope="col">Time</th><th scope="col">Event</th><th scope="col">What happened</th></tr></thead><tbody>\n${lines.join('\n')}\n</tbody></table></div>`
}

function renderMembers(members: readonly TimelineRow[], report: Report): string {
  const last = members.at(-1)
  const list = members.map(
    (row) =>
      `<li${anchorOf(row.sources[0], report)}>${escapeHtml(row.time)} ${escapeHtml(row.text)}${references(row.sources, report)}</li>`,
  )
  return `<details><summary>${members.length} in a row until ${escapeHtml(last?.time ?? '')}; last: ${escapeHtml(last?.text ?? '')}</summary><ol>${list.join('\n')}</ol></details>`
}

function anchorOf(source: Source | undefined, report: Report): string {
  return source === undefined || source.stream !== report.incident ? '' : ` id="e${source.version}"`
}

function references(sources: readonly Source[], { incident }: Report): string {
  const links = ranges(sources).map(({ stream, first, last }) => {
    const label = `e${first}${last === first ? '' : `–e${last}`}`
    return stream === incident ? `<a href="#e${first}">${label}</a>` : `${escapeHtml(stream)} ${label}`
  })
  return links.length === 0 ? '' : ` <span class="ref">[${links.join(', ')}]</span>`
}
