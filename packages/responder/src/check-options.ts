import { InvalidInput } from '@firebreak/core'
import { checkHttp } from './http/check-http.ts'
import type { ResponderOptions } from './options.ts'

/** The least that each span may be, in milliseconds. */
const leastMs = {
  probeEveryMs: 1,
  probeTimeoutMs: 1,
  repeatEveryMs: 0,
  // -1: never, not even in the same moment.
  reopenWithinMs: -1,
  linkWithinMs: -1,
  pollEveryMs: 1,
} as const

/** Refuses what cannot work when it is given, and names it: at night it would be a page that never came. */
export function checkOptions(options: ResponderOptions): void {
  checkLog((options as ResponderOptions | undefined)?.log)
  checkParts(options.parts)
  checkProbes(options.probes ?? [])
  for (const [name, least] of Object.entries(leastMs)) {
    const given = options[name as keyof typeof leastMs]
    if (given !== undefined) checkMs(given, name, least)
  }
  const { holdFile } = options as { holdFile?: unknown }
  if (holdFile !== undefined && (typeof holdFile !== 'string' || holdFile === ''))
    throw new InvalidInput('holdFile', 'is not the name of a file: give the one whose existence stops acting')
  const { mostInMemory = 0 } = options
  if (!(Number.isSafeInteger(mostInMemory) && mostInMemory >= 0))
    throw new InvalidInput('mostInMemory', `is ${String(mostInMemory)}; give a whole number, 0 or more`)
  for (const [severity, span] of Object.entries(options.acknowledgementLapsesAfterMs ?? {}))
    checkMs(span, `acknowledgementLapsesAfterMs.${severity}`, 1)
  for (const level of ['debug', 'info', 'warn', 'error'] as const)
    if (options.logger !== undefined && typeof options.logger[level] !== 'function')
      throw new InvalidInput(`logger.${level}`, 'is not a function: give a logger with debug, info, warn and error')
  if (options.http !== undefined) checkHttp(options.http)
}

function checkLog(log: unknown): void {
  const known = log as Record<string, unknown> | null | undefined
  if (!['append', 'read', 'list'].every((name) => typeof known?.[name] === 'function'))
    throw new InvalidInput('log', "is no incident log: give one, such as sqliteLog({ path: 'incidents.db' })")
}

function checkParts(parts: unknown): void {
  if (!Array.isArray(parts)) throw new InvalidInput('parts', 'is not a list: give standardRunbook({ … }), or a list')
  const names = new Set<unknown>()
  for (const [index, part] of (parts as unknown[]).entries()) {
    if (Array.isArray(part))
      throw new InvalidInput(`parts[${index}]`, 'is a list itself: write ...standardRunbook({ … })')
    const { name, plan } = (part ?? {}) as { name?: unknown; plan?: unknown }
    if (typeof name !== 'string' || name === '' || typeof plan !== 'function')
      throw new InvalidInput(`parts[${index}]`, 'is no part: it needs a name and a function plan')
    // A claim names its part: of two, the wrong one would perform it.
    if (names.has(name))
      throw new InvalidInput(`parts[${index}]`, `is the second part with the name ${name}: give each a name of its own`)
    names.add(name)
  }
}

function checkProbes(probes: unknown): void {
  if (!Array.isArray(probes)) throw new InvalidInput('probes', 'is not a list: write [flyProbe(app)]')
  for (const [index, probe] of (probes as unknown[]).entries()) {
    const { name, observe } = (probe ?? {}) as { name?: unknown; observe?: unknown }
    if (typeof name !== 'string' || typeof observe !== 'function')
      throw new InvalidInput(`probes[${index}]`, 'is no probe: it needs a name and a function observe')
  }
}

/** A span of time that somebody gave. */
export function checkMs(given: unknown, name: string, least: number): void {
  if (!(typeof given === 'number' && given >= least))
    throw new InvalidInput(name, `is ${String(given)}; give milliseconds, ${least} or more`)
}
