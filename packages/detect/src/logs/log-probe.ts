import { InvalidInput, systemClock, type Probe, type Signal, type Symptom } from '@firebreak/core'
import { numberIn, wholeIn } from '../numbers.ts'
import { createObserver } from '../observer.ts'
import type { ProbeOptions } from '../probe-options.ts'
import { checkSymptom } from '../symptom-check.ts'
import { linePattern, type LinePattern } from './line-pattern.ts'
import type { LineSource } from './line-source.ts'

export interface LogPattern {
  /** Part of the signal's key: `<probe>/<name>`. */
  readonly name: string
  /** A text, found in any case, or a regular expression without look-around and back-references. */
  readonly pattern: string | RegExp
  /** So many matching lines in the window make it fire. Default 1. */
  readonly atLeast?: number | undefined
  /** What is true then. Default: a warning (P3), as the runbook has it for lines in logs. */
  readonly means?: Symptom | undefined
}

export interface LogProbeOptions extends Omit<ProbeOptions, 'confirm'> {
  readonly source: LineSource
  readonly patterns: readonly (LogPattern | string | RegExp)[]
  /** Milliseconds over which matching lines are counted. Default 60,000. */
  readonly windowMs?: number | undefined
  /** Lines looked at in one observation; the summary says when there were more. Default 10,000. */
  readonly maxLines?: number | undefined
}

/** No line says more in what comes after. */
const longestLine = 8_192

/**
 * Error patterns over a log. At most one signal a pattern and observation, however many lines match: the count is in its
 * summary, the lines themselves are not, for they hold what others wrote.
 */
export function logProbe(options: LogProbeOptions): Probe & { readonly service: string } {
  const { source, clock = systemClock, name = 'logs' } = options
  const windowMs = numberIn(options.windowMs ?? 60_000, 'windowMs', 1)
  const maxLines = wholeIn(options.maxLines ?? 10_000, 'maxLines', 1)
  const counters = readPatterns(options.patterns)
  if (typeof source !== 'function') throw new InvalidInput('source', 'must be a function that gives lines')
  const observed = createObserver('logs', name, options)
  let askedAt: number | undefined

  /** Whether lines were left over. */
  async function read(signal: AbortSignal): Promise<boolean> {
    const since = askedAt ?? clock.now() - windowMs
    const reading = clock.now()
    let lines = 0
    for await (const line of source({ since, signal })) {
      signal.throwIfAborted()
      lines += 1
      if (lines > maxLines) break
      const { message, at = reading } = typeof line === 'string' ? { message: line } : line
      const text = message.length > longestLine ? message.slice(0, longestLine) : message
      for (const counter of counters) if (counter.matches(text)) counter.add(Math.min(at, reading))
    }
    // Moved on only when the reading worked: what could not be read is asked for again.
    askedAt = reading
    return lines > maxLines
  }

  return {
    name,
    service: options.service,
    async observe({ signal }) {
      signal.throwIfAborted()
      const more = await read(signal)
      const since = clock.now() - windowMs
      const seconds = Math.round(windowMs / 1_000)
      const tail = more ? `; more than ${maxLines} lines came, the rest was not looked at` : ''
      return counters.map((counter): Signal => {
        const { name: aspect, atLeast, means } = counter
        const count = counter.countSince(since)
        const firing = count >= atLeast
        const summary = `${count} log lines match ${aspect} in ${seconds} s (${atLeast} are needed)${tail}`
        return observed({ aspect, status: firing ? 'firing' : 'resolved', summary, symptoms: firing ? [means] : [] })
      })
    },
  }
}

interface PatternCounter {
  readonly name: string
  readonly atLeast: number
  readonly means: Symptom
  readonly matches: LinePattern
  add(at: number): void
  /** Forgets what is older. */
  countSince(since: number): number
}

function readPatterns(patterns: LogProbeOptions['patterns']): readonly PatternCounter[] {
  if (!Array.isArray(patterns) || patterns.length === 0)
    throw new InvalidInput('patterns', 'is empty: say what to look for')
  const names = new Set<string>()
  return patterns.map((given: LogProbeOptions['patterns'][number], index) => {
    const field = `patterns[${index}]`
    const pattern =
      typeof given === 'string' || given instanceof RegExp ? { name: wordOf(given), pattern: given } : given
    if (typeof pattern?.name !== 'string' || pattern.name === '') throw new InvalidInput(`${field}.name`, 'is missing')
    if (names.has(pattern.name))
      throw new InvalidInput(`${field}.name`, `"${pattern.name}" is taken: one key a pattern`)
    names.add(pattern.name)
    return counterOf(pattern, field)
  })
}

function counterOf({ name, pattern, atLeast = 1, means }: LogPattern, field: string): PatternCounter {
  let seen: number[] = []
  wholeIn(atLeast, `${field}.atLeast`, 1)
  return {
    name,
    atLeast,
    means: checkSymptom(means ?? { kind: 'warning', detail: `log lines match ${name}` }, `${field}.means`),
    matches: linePattern(pattern, `${field}.pattern`),
    add: (at) => void seen.push(at),
    countSince(since) {
      seen = seen.filter((at) => at > since)
      return seen.length
    },
  }
}

function wordOf(pattern: string | RegExp): string {
  return (typeof pattern === 'string' ? pattern : pattern.source).slice(0, 60)
}
