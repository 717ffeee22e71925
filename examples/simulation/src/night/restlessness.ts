import type { Part } from '@firebreak/core'
import type { AnyPart } from '@firebreak/responder'

/** Counts how often parts are asked for a plan: a loop that wakes itself up again and again never gets to the end of a night. */
export interface Restlessness {
  readonly since: number | undefined
  watched(parts: readonly AnyPart[]): readonly AnyPart[]
}

const spanMs = 10_000
/** A storm of a few processes stays far below; a busy loop passes it in milliseconds. */
const mostPlans = 3_000

export function createRestlessness(now: () => number, onRestless: () => void): Restlessness {
  let span = 0
  let plans = 0
  let since: number | undefined

  function count() {
    const current = Math.floor(now() / spanMs)
    if (current !== span) plans = 0
    span = current
    plans += 1
    if (plans <= mostPlans || since !== undefined) return
    since = now()
    onRestless()
  }
  return {
    get since() {
      return since
    },
    watched: (parts) =>
      parts.map((part) => {
        const plan = part.plan.bind(part) as Part['plan']
        const counting: Part['plan'] = (subject, view) => {
          count()
          return plan(subject, view)
        }
        return { ...part, plan: counting } as AnyPart
      }),
  }
}
