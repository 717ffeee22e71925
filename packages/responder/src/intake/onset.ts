import type { ServiceRecord } from '@firebreak/core'
import type { SeverityPolicy } from '@firebreak/severity'
import { isBad } from './figures.ts'
import { hide } from './silences.ts'
import type { Heard } from './watched-service.ts'

/** When a service fell ill: at the first look that has a level, however long something milder has been said. */
export interface Onsets {
  /** While nothing is open. */
  note(words: readonly Heard[], now: number): void
  of(firing: readonly Heard[], silences: ServiceRecord['silences'], now: number): number
}

export function createOnsets(policy: SeverityPolicy): Onsets {
  const mild = new WeakSet<Heard>()
  return {
    note(words, now) {
      for (const word of words) {
        if (!isBad(word.signal, policy)) mild.add(word)
        else if (mild.delete(word)) word.firstAt = now
      }
    },
    of(firing, silences, now) {
      const judged = Array.from(hide(firing, silences, now).rest).filter(({ signal }) => isBad(signal, policy))
      return Math.min(now, ...(judged.length > 0 ? judged : firing).map(({ firstAt }) => firstAt))
    },
  }
}
