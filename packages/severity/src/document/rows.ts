import { formatDuration, type Severity } from '@firebreak/core'
import { bandAt } from '../band.ts'
import type { Band, SeverityPolicy } from '../policy.ts'
import { boundsText, readBounds } from './bounds-text.ts'
import type { BandRule, Draft, FactName } from './draft.ts'
import { exactPercent, ratioOf, readDuration } from './exact-figures.ts'
import { factOf } from './facts.ts'

/** One row of the table of levels: writes a level's cell and reads it back. */
export interface Row {
  readonly rule: string
  readonly label: string
  readonly write: (policy: SeverityPolicy, level: Severity) => string
  /** Whether the cell was understood. */
  readonly read: (cell: string, level: Severity, draft: Draft) => boolean
}

function bandRow(rule: BandRule, label: string, unit: 'percent' | 'multiple'): Row {
  const format = unit === 'percent' ? exactPercent : (value: number) => `${value} ×`
  const scale = unit === 'percent' ? ratioOf : Number
  return {
    rule,
    label,
    write(policy, level) {
      const band = bandAt(bandsOf(policy, rule), level)
      if (band === undefined) return ''
      return `${boundsText(band, format)}${band.note === undefined ? '' : ` (${band.note})`}`
    },
    read(cell, level, draft) {
      const open = cell.endsWith(')') ? cell.indexOf(' (') : -1
      const note = open < 0 ? undefined : cell.slice(open + 2, -1)
      const bounds = readBounds(open < 0 ? cell : cell.slice(0, open), scale)
      if (bounds === undefined) return false
      const bands = draft.bands.get(rule) ?? new Map<Severity, Band>()
      draft.bands.set(rule, bands.set(level, { ...bounds, ...(note === undefined ? {} : { note }) }))
      return true
    },
  }
}

export function bandsOf(policy: SeverityPolicy, rule: BandRule): readonly Band[] {
  if (rule === 'errorRate' || rule === 'latency') return policy[rule].bands
  return policy.capacity[rule]
}

function factRow(rule: string, label: string, words: Readonly<Record<string, FactName>>): Row {
  return {
    rule,
    label,
    write: (policy, level) =>
      Object.entries(words)
        .filter(([, fact]) => factOf(policy, fact) === level)
        .map(([word]) => word)
        .join('; '),
    read: (cell, level, { facts }) =>
      cell.split('; ').every((word) => {
        const fact = Object.hasOwn(words, word) ? words[word] : undefined
        if (fact === undefined) return false
        facts.set(fact, level)
        return true
      }),
  }
}

const crashRow: Row = {
  rule: 'crash',
  label: 'Crashes of one machine',
  write({ crash }, level) {
    const loop = crash.repeated === level ? [`${crash.count} or more in ${formatDuration(crash.windowMs)}`] : []
    return [...loop, ...(crash.fewer === level ? ['fewer'] : [])].join('; ')
  },
  read: (cell, level, draft) =>
    cell.split('; ').every((word) => {
      const loop = /^(\d+) or more in (.+)$/.exec(word)
      const windowMs = readDuration(loop?.[2] ?? '')
      if (loop !== null && windowMs !== undefined) {
        draft.crashLoop = { count: Number(loop[1]), windowMs }
        draft.facts.set('crash.repeated', level)
        return true
      }
      if (word === 'fewer') draft.facts.set('crash.fewer', level)
      return word === 'fewer'
    }),
}

const burnRateRow: Row = {
  rule: 'burnRate',
  label: 'Burn rate, over both windows',
  write: ({ burnRate }, level) =>
    burnRate
      .filter((rule) => rule.level === level)
      .map(({ factor, longMs, shortMs }) => `over ${factor} (${formatDuration(longMs)} and ${formatDuration(shortMs)})`)
      .join('; '),
  read: (cell, level, draft) =>
    cell.split('; ').every((word) => {
      const match = /^over (\S+) \((.+) and (.+)\)$/.exec(word)
      const factor = Number(match?.[1])
      const longMs = readDuration(match?.[2] ?? '')
      const shortMs = readDuration(match?.[3] ?? '')
      if (!Number.isFinite(factor) || longMs === undefined || shortMs === undefined) return false
      draft.burnRate.push({ level, factor, longMs, shortMs })
      return true
    }),
}

/** The table of levels, in the order of the document. */
export const rows: readonly Row[] = [
  bandRow('errorRate', 'Error rate', 'percent'),
  bandRow('latency', 'Response time, times its baseline', 'multiple'),
  factRow('outage', 'Outage', { complete: 'outage.complete', partial: 'outage.partial' }),
  factRow('checks', 'Health checks', {
    'none passes': 'checks.none',
    'some fail, or all intermittently': 'checks.some',
  }),
  factRow('security', 'Security incident', { any: 'security' }),
  factRow('dependency', 'Dependency unavailable', { database: 'dependency.database', other: 'dependency.other' }),
  factRow('function', 'Function broken', { critical: 'function.critical', 'non-critical': 'function.other' }),
  crashRow,
  bandRow('disk', 'Disk used', 'percent'),
  bandRow('memory', 'Memory used', 'percent'),
  bandRow('cpu', 'CPU used', 'percent'),
  bandRow('concurrency', 'Concurrency used', 'percent'),
  factRow('warning', 'Warning, non-critical alert', { any: 'warning' }),
  burnRateRow,
]
