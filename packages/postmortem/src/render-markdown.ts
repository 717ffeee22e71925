import { escapeMarkdown } from './escape.ts'
import { ranges } from './ranges.ts'
import type { Block, Cell, Report, Source, TimelineRow } from './report.ts'
import { said } from './said.ts'

export function renderMarkdown(report: Report): string {
  const { title, incident, status, lead, tiles, sections } = report
  const head = [
    `# ${escapeMarkdown(title)}`,
    `Incident ${escapeMarkdown(said(incident))}, ${status}. ${lead}`,
    table(
      tiles.map(({ label }) => label),
      [tiles.map(({ value }) => value)],
    ),
  ]
  const body = sections.map((section) =>
    [`## ${section.title}`, ...section.blocks.map((block) => renderBlock(block, report))].join('\n\n'),
  )
  return `${[...head, ...body].join('\n\n')}\n`
}

function renderBlock(block: Block, report: Report): string {
  switch (block.kind) {
    case 'fact':
      return escapeMarkdown(block.text) + references(block.sources, report)
    case 'blank':
      return `> **BLANK: ${block.label}.** ${block.prompt}\n>\n> \\_\\_\\_\\_`
    case 'table':
      return `${block.caption}:\n\n${table(
        block.head,
        block.rows.map((row) => row.map((cell) => renderCell(cell, report))),
      )}`
    case 'timeline':
      return renderTimelineRows(block.rows, report)
  }
}

function renderTimelineRows(rows: readonly TimelineRow[], report: Report): string {
  const cells = rows.map(({ time, type, text, sources }) => [
    time,
    escapeMarkdown(type),
    escapeMarkdown(text) + references(sources, report),
  ])
  return table(['Time', 'Event', 'What happened'], cells)
}

function renderCell(cell: Cell, report: Report): string {
  if ('blank' in cell) return `**BLANK: ${cell.blank}**`
  return escapeMarkdown(cell.text) + references(cell.sources ?? [], report)
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** "(e4)", "(e4–e9)" for a run, "(desk/manager/… e2)" for another stream. */
function references(sources: readonly Source[], { incident }: Report): string {
  const texts = ranges(sources).map(({ stream, first, last }) => {
    const where = stream === incident ? '' : `${escapeMarkdown(stream)} `
    return `${where}e${first}${last === first ? '' : `–e${last}`}`
  })
  return texts.length === 0 ? '' : ` (${texts.join(', ')})`
}
