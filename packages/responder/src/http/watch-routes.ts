import type { EventType } from '@firebreak/core'
import { deciders } from '../intake/ignoring.ts'
import { eventStream } from './event-stream.ts'
import type { HandlerOptions } from './handler-options.ts'
import { HttpProblem } from './problem.ts'
import type { Route } from './router.ts'

const recordedTypes: readonly EventType[] = [...deciders, 'incident.assessed', 'incident.resolved', 'incident.reopened']

/** What machines watch. */
export function watchRoutes({ house, measures, stopping, refusedLately }: HandlerOptions): Route[] {
  return [
    {
      method: 'GET',
      path: '/events',
      scope: 'incidents:read',
      summary: 'Recorded events as they happen (server-sent events)',
      described: { type: 'text/event-stream' },
      handle: async ({ request }) => eventStream(house, recordedTypes, AbortSignal.any([request.signal, stopping])),
    },
    {
      method: 'GET',
      path: '/metrics',
      scope: 'incidents:read',
      summary: 'Counters and histograms (Prometheus text)',
      described: { type: 'text/plain' },
      handle: async () => new Response(measures.render(), { headers: { 'content-type': 'text/plain; version=0.0.4' } }),
    },
    {
      method: 'GET',
      path: '/healthz',
      summary: 'The process answers',
      handle: async () => Response.json({ ok: true }),
    },
    {
      method: 'GET',
      path: '/readyz',
      summary: 'The log can be read and takes appends',
      async handle() {
        if (refusedLately()) throw notReady()
        try {
          for await (const _summary of house.log.list({ limit: 1 })) break
          // A check of nothing: it goes the way of every append and leaves nothing behind.
          await house.log.append([{ stream: 'service/*', events: [], expected: 'dedupe' }])
          return Response.json({ ok: true })
        } catch {
          throw notReady()
        }
      },
    },
  ]
}

function notReady(): HttpProblem {
  return new HttpProblem({ status: 503, code: 'NOT_READY', title: 'the incident log cannot be read or written' })
}
