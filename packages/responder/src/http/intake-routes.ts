import { InvalidInput } from '@firebreak/core'
import { parseSignal } from '@firebreak/core/schemas'
import { readJson } from './body.ts'
import type { HandlerOptions } from './handler-options.ts'
import type { HttpOptions } from './options.ts'
import type { Route } from './router.ts'

const mostSignals = 10_000

/** Where others tell us. What they tell opens and pages; it is never evidence for a write. */
export function intakeRoutes({ responder, house, measures }: HandlerOptions, _http: HttpOptions): Route[] {
  return [
    {
      method: 'POST',
      path: '/signals',
      scope: 'signals:write',
      summary: 'One signal, or a list of signals',
      async handle({ request }) {
        const body = await readJson(request)
        const list = Array.isArray(body) ? body : [body]
        if (list.length > mostSignals)
          throw new InvalidInput('body', `holds ${list.length} signals, more than ${mostSignals}`)
        const signals = list.map((it) => parseSignal(it, { clock: house.clock, random: house.random }))
        await responder().ingest(signals)
        measures.count('signals_accepted', { intake: 'signals' }, signals.length)
        return Response.json({ accepted: signals.length }, { status: 202 })
      },
    },
  ]
}
