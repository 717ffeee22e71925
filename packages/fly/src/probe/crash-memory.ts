import type { Symptom } from '@firebreak/core'
import type { Machine } from '../machines/machine.ts'
import { exitsOf, type Exit } from './exits.ts'

export type Crash = Extract<Symptom, { kind: 'crash' }>

/** Remembers exits over the window: an update erases a machine's events, and a loop may outrun the list. */
export function crashMemory(windowMs: number) {
  const seen = new Map<string, Map<string, Exit>>()
  return {
    /** What each machine's crashes in the window add up to; nothing where there was none. */
    observe(machines: readonly Machine[], now: number): ReadonlyMap<string, Crash> {
      const crashes = new Map<string, Crash>()
      for (const machine of machines) {
        const exits = seen.get(machine.id) ?? new Map<string, Exit>()
        seen.set(machine.id, exits)
        for (const exit of exitsOf(machine)) if (exit.crashed) exits.set(exit.id, exit)
        for (const [id, exit] of exits) if (exit.at <= now - windowMs) exits.delete(id)
        const newest = [...exits.values()].toSorted((one, other) => other.at - one.at)[0]
        if (newest === undefined) continue
        crashes.set(machine.id, {
          kind: 'crash',
          oom: [...exits.values()].some(({ oom }) => oom),
          ...(newest.exitCode === undefined ? {} : { exitCode: newest.exitCode }),
          count: exits.size,
          windowMs,
        })
      }
      const listed = new Set(machines.map(({ id }) => id))
      for (const [id, exits] of seen) if (!listed.has(id) && exits.size === 0) seen.delete(id)
      for (const id of seen.keys()) if (!listed.has(id)) seen.delete(id)
      return crashes
    },
  }
}
