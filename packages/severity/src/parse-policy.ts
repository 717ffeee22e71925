import { InvalidInput, severities, type Severity } from '@firebreak/core'
import { readAction } from './document/actions.ts'
import { assemble } from './document/assemble.ts'
import { type Condition, recogniseCondition } from './document/conditions.ts'
import { type Draft, emptyDraft } from './document/draft.ts'
import { readResponse } from './document/response-time.ts'
import { rows } from './document/rows.ts'
import { readSetting } from './document/settings.ts'
import { isRule, readTableLine } from './document/table.ts'
import { type Contradiction, contradictionsOf } from './contradictions.ts'
import type { PolicyAction, ResponseTime, SeverityPolicy } from './policy.ts'
import { standardPolicy } from './standard-policy.ts'

/** A line of the document; `line` counts from 1. */
export interface DocumentLine {
  readonly line: number
  readonly text: string
}

export interface ParsedLevel {
  readonly severity: Severity
  readonly title: string
  readonly summary: string
  readonly response: ResponseTime | null
  readonly examples: readonly (DocumentLine & { readonly condition: Condition })[]
  readonly actions: readonly (DocumentLine & PolicyAction)[]
}

export interface ParsedPolicy {
  /** What the document states, filled up from `standardPolicy`. Not linted: hand it to `defineSeverityPolicy`. */
  readonly policy: SeverityPolicy
  readonly levels: readonly ParsedLevel[]
  /** Lines about levels that could not be understood. */
  readonly unrecognised: readonly DocumentLine[]
  /** Example lines that `standardPolicy` judges otherwise than the heading they stand under. */
  readonly contradictions: readonly Contradiction[]
  /** What the document does not state. */
  readonly assumed: readonly string[]
  /** Lines of sections that are not about levels: procedures, contacts, commands. */
  readonly other: readonly DocumentLine[]
}

const longest = 1_000_000
/** Nobody writes such a line; it is listed, and no pattern is tried on it. */
const longestLine = 10_000

/**
 * Reads a runbook: one that `renderPolicy` wrote, completely; one that people wrote, as far as its lines can be understood.
 * Every line with content ends up somewhere in the result. Throws `InvalidInput` for what is no text, or over 1 MB.
 */
export function parsePolicy(markdown: string): ParsedPolicy {
  if (typeof markdown !== 'string') throw new InvalidInput('markdown', 'is no text; pass the document itself')
  if (markdown.length > longest) throw new InvalidInput('markdown', `is over ${longest} characters`)
  const reader = createReader()
  for (const [index, text] of markdown.split(/\r?\n/).entries())
    if (text.trim() !== '') reader.read({ line: index + 1, text: text.trim() })
  const { draft, levels, unrecognised, other } = reader
  const { policy, assumed } = assemble(draft, standardPolicy)
  const contradictions = levels.flatMap((level) => contradictionsOf(level, standardPolicy))
  return { policy, levels, unrecognised, contradictions, assumed, other }
}

interface Reading {
  readonly draft: Draft
  readonly levels: MutableLevel[]
  readonly unrecognised: DocumentLine[]
  readonly other: DocumentLine[]
}

type MutableLevel = {
  -readonly [Field in keyof ParsedLevel]: ParsedLevel[Field] extends readonly (infer Item)[]
    ? Item[]
    : ParsedLevel[Field]
}

function createReader(): Reading & { read(line: DocumentLine): void } {
  const reading: Reading = { draft: emptyDraft(), levels: [], unrecognised: [], other: [] }
  let level: MutableLevel | undefined
  let about: 'levels' | 'matrix' | 'settings' | 'other' = 'other'
  let columns: readonly (Severity | undefined)[] = []

  function readHeading(depth: number, title: string, line: DocumentLine): void {
    const named = /^(P[0-3])\s*[-–—:](.*)$/.exec(title)
    const severity = severities.find((each) => each === named?.[1])
    const [name, summary] = splitBrackets(named?.[2] ?? '')
    level = undefined
    if (severity !== undefined && reading.draft.levels.has(severity)) {
      about = 'levels'
      reading.unrecognised.push(line)
    } else if (severity !== undefined && name !== '') {
      level = { severity, title: name, summary, response: null, examples: [], actions: [] }
      reading.levels.push(level)
      reading.draft.levels.set(severity, { title: name, ...(summary === '' ? {} : { summary }) })
      about = 'levels'
    } else if (depth === 1 && reading.draft.name === undefined) reading.draft.name = title
    else if (/\b(?:severity levels|which level|numbers behind)\b/i.test(title)) about = 'levels'
    else {
      about = 'other'
      reading.other.push(line)
    }
  }

  function readTable(cells: readonly string[], line: DocumentLine): void {
    if (isRule(cells)) return
    if (cells[0] === 'Symptom') {
      about = 'matrix'
      columns = cells.slice(1).map((cell) => severities.find((each) => each === cell))
    } else if (cells[0] === 'Setting') about = 'settings'
    else if (about === 'matrix') readMatrix(cells, columns, reading, line)
    else if (about === 'other') reading.other.push(line)
    else if (
      !(
        about === 'settings' &&
        cells.length === 2 &&
        readSetting(cells[0] ?? '', cells[1] ?? '', reading.draft.settings)
      )
    )
      reading.unrecognised.push(line)
  }

  return {
    ...reading,
    read(line) {
      if (line.text.length > longestLine)
        return void (about === 'other' ? reading.other : reading.unrecognised).push(line)
      const heading = /^(#{1,6})\s+(.+)$/.exec(line.text)
      if (heading !== null) return readHeading(heading[1]?.length ?? 1, heading[2] ?? '', line)
      if (/^(?:-{3,}|\*{3,}|_{3,})$/.test(line.text)) return
      const cells = readTableLine(line.text)
      if (cells !== undefined) return readTable(cells, line)
      if (level !== undefined) readLevelLine(level, line, reading)
      else if (about === 'other') reading.other.push(line)
      else reading.unrecognised.push(line)
    },
  }
}

/** "CRITICAL (Page Immediately)" in its two parts. */
function splitBrackets(text: string): readonly [string, string] {
  const open = text.indexOf('(')
  if (open < 0 || !text.endsWith(')')) return [text.trim(), '']
  return [text.slice(0, open).trim(), text.slice(open + 1, -1)]
}

function readMatrix(
  [label, ...cells]: readonly string[],
  columns: readonly (Severity | undefined)[],
  { draft, unrecognised }: Reading,
  line: DocumentLine,
): void {
  const row = rows.find((each) => each.label === label)
  const understood = cells.every((cell, index) => {
    const severity = columns[index]
    return cell === '' || cell === '-' || (severity !== undefined && row?.read(cell, severity, draft) === true)
  })
  if (row === undefined || !understood) unrecognised.push(line)
  else draft.whole.add(row.rule)
}

function readLevelLine(level: MutableLevel, line: DocumentLine, { draft, unrecognised }: Reading): void {
  const stated = draft.levels.get(level.severity) ?? {}
  const response = /^\*\*Response Time\*\*:\s*(.+)$/i.exec(line.text)
  if (response !== null) {
    const time = readResponse(response[1] ?? '')
    if (time === undefined) unrecognised.push(line)
    else {
      level.response = time
      stated.response = time
    }
    return
  }
  if (/^\*\*Examples\*\*:$/i.test(line.text)) return
  if (/^\*\*Actions\*\*:$/i.test(line.text)) {
    stated.actions ??= []
    return
  }
  const [, action] = /^\d+[.)]\s+(.+)$/.exec(line.text) ?? []
  const [, example] = /^[-*+]\s+(.+)$/.exec(line.text) ?? []
  const does = action === undefined ? undefined : readAction(action)
  const condition = example === undefined ? undefined : recogniseCondition(example)
  if (does !== undefined) {
    level.actions.push({ ...does, line: line.line })
    stated.actions = [...(stated.actions ?? []), does]
  } else if (condition !== undefined && example !== undefined) {
    level.examples.push({ line: line.line, text: example, condition })
    state(condition, level.severity, draft)
  } else unrecognised.push(line)
}

function state(condition: Condition, severity: Severity, draft: Draft): void {
  if (condition.kind === 'fact') draft.facts.set(condition.fact, severity)
  if (condition.kind !== 'band') return
  const bands = draft.bands.get(condition.rule) ?? new Map()
  draft.bands.set(condition.rule, bands.set(severity, condition.bounds))
}
