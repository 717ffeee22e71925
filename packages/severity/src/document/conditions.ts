import { readBounds, type Bounds } from './bounds-text.ts'
import type { BandRule, FactName } from './draft.ts'
import { ratioOf } from './exact-figures.ts'

/** What an example line of a runbook says, as data. */
export type Condition =
  | { readonly kind: 'band'; readonly rule: BandRule; readonly bounds: Bounds }
  | { readonly kind: 'fact'; readonly fact: FactName; readonly name?: string }
  /** "Performance degradation": slower than usual, without a figure. */
  | { readonly kind: 'slower' }

/** The condition in a line of a runbook, or nothing when it cannot be told for certain. */
export function recogniseCondition(line: string): Condition | undefined {
  const text = line.replaceAll(/[*_`]/g, '').trim()
  if (text.length > 300) return undefined
  return figure(text) ?? fact(text)
}

const figures: readonly (readonly [BandRule, RegExp, (digits: string) => number])[] = [
  ['errorRate', /\b(?:error|failure) (?:rate|ratio)\b(?: (?:is|of))?/i, ratioOf],
  ['latency', /\b(?:response times?|latency)\b(?: (?:is|of))?/i, Number],
  ['disk', /\b(?:disk|volume)(?: (?:usage|used|space))?\b(?: (?:is|of|at))?/i, ratioOf],
  ['memory', /\bmemory(?: (?:usage|used))?\b(?: (?:is|of|at))?/i, ratioOf],
  ['cpu', /\bcpu(?: (?:usage|used|load))?\b(?: (?:is|of|at))?/i, ratioOf],
  ['concurrency', /\bconcurrency(?: (?:usage|used))?\b(?: (?:is|of|at))?/i, ratioOf],
]

function figure(text: string): Condition | undefined {
  for (const [rule, name, scale] of figures) {
    const found = name.exec(text)
    if (found === null) continue
    const rest = text
      .slice(found.index + found[0].length)
      .replace(/\)\s*$/, '')
      .replace(/\s*(?:the |its )?baseline$/i, '')
      .replace(/^\s*:/, '')
    const bounds = readBounds(rest, scale)
    const percent = /%/.test(rest)
    if (bounds !== undefined && percent === (scale === ratioOf)) return { kind: 'band', rule, bounds }
  }
  return undefined
}

/** In this order: "Non-critical monitoring alerts" is a warning, not a broken function. */
const facts: readonly (readonly [FactName | 'slower', RegExp])[] = [
  ['security', /\b(?:security (?:incident|breach)|data (?:breach|leak)|breach|intrusion)\b/i],
  ['dependency.database', /\b(?:database|postgres(?:ql)?|mysql)\b.*\b(?:unavailable|down|unreachable|lost)\b/i],
  ['checks.none', /\b(?:all health checks|no health checks?)\b.*\b(?:fail|failing|failed|pass|passes)\b/i],
  ['checks.some', /\b(?:health )?checks?\b.*\b(?:intermittent(?:ly)?|fail|fails|failing|flapping)\b/i],
  ['outage.partial', /\b(?:partial|partially)\b.*\b(?:outage|down|unavailable)\b/i],
  ['warning', /\b(?:warnings?|monitoring alerts?)\b/i],
  ['function.other', /\bnon-?critical\b.*\b(?:feature|function)\b.*\b(?:broken|down|failing|unavailable)\b/i],
  ['function.critical', /\bcritical\b.*\b(?:feature|function)\b.*\b(?:broken|down|failing|unavailable)\b/i],
  ['crash.repeated', /\bcrash(?:es|ing)?[- ]?loop(?:ing)?\b/i],
  ['dependency.other', /\b(?:dependency|third[- ]party|upstream)\b.*\b(?:unavailable|down|unreachable)\b/i],
  [
    'outage.complete',
    /\b(?:completely down|complete outage|total outage|(?:service|site|app(?:lication)?) (?:is )?down)\b/i,
  ],
  ['slower', /\b(?:performance degrad(?:ation|ed)|degraded performance|slow(?:er|ness)?)\b/i],
]

function fact(text: string): Condition | undefined {
  const found = facts.find(([, pattern]) => pattern.test(text))?.[0]
  if (found === undefined) return undefined
  if (found === 'slower') return { kind: 'slower' }
  const name = /\(([^()]{1,120})\)\s*$/.exec(text)?.[1]
  return { kind: 'fact', fact: found, ...(name === undefined ? {} : { name }) }
}
