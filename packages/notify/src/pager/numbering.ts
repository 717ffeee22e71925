import type { Incident } from '@firebreak/core'
import { factsOf } from './facts.ts'

/** What a rung becomes when it is requested: the request's id, the same in every plan. */
export interface Numbering {
  /** The request under which this was asked for, if it was. */
  asked(to: string, identity: string): string | undefined
  /** The key and id it will have: `manager/P0/raise/2`. */
  next(to: string, severity: string, step: string): string
}

/** Ordinals count what has been requested, so that a key that recurs gets a new one. */
export function numberingOf({ pages }: Readonly<Incident>): Numbering {
  const byIdentity = new Map<string, string>()
  const counts = new Map<string, number>()
  for (const [id, { request }] of pages) {
    const { identity, step } = factsOf(request)
    if (identity !== undefined) byIdentity.set(`${request.to}\n${identity}`, id)
    const kind = `${request.to}/${request.severity}/${step ?? request.reason}`
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return {
    asked: (to, identity) => byIdentity.get(`${to}\n${identity}`),
    next(to, severity, step) {
      const kind = `${to}/${severity}/${step}`
      const number = (counts.get(kind) ?? 0) + 1
      counts.set(kind, number)
      return `${kind}/${number}`
    },
  }
}
