import { InvalidInput, type IncidentStatus, type RecordedEvent } from '@firebreak/core'
import { timelineEntries } from '@firebreak/postmortem'
import type { HandlerOptions } from './handler-options.ts'
import { viewIncident } from './incident-view.ts'
import type { Route, RouteContext } from './router.ts'

const statuses: readonly IncidentStatus[] = ['open', 'mitigated', 'resolved']

/** What there is to read. */
export function incidentRoutes({ responder, house }: HandlerOptions): Route[] {
  const read = (
    path: string,
    summary: string,
    handle: (context: RouteContext) => Promise<unknown>,
    query: Record<string, object> = {},
  ): Route => ({
    method: 'GET',
    path,
    scope: 'incidents:read',
    summary,
    described: { query },
    handle: async (context) => Response.json(await handle(context), { headers: { 'cache-control': 'no-store' } }),
  })

  return [
    read(
      '/incidents',
      'Incidents, newest first; ?service=, ?status=open,mitigated,resolved, ?limit=',
      async ({ url }) => {
        const incidents: object[] = []
        for await (const summary of responder().incidents(queryOf(url))) incidents.push(summary)
        return { incidents }
      },
      {
        service: { type: 'string' },
        status: { type: 'string', description: 'One or more of open, mitigated, resolved, with commas between' },
        limit: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 },
      },
    ),
    read('/incidents/:id', 'One incident by code, service, or encoded stream', async ({ parameters }) =>
      viewIncident(await responder().incident(parameters['id'] ?? '')),
    ),
    read('/incidents/:id/timeline', 'What happened, in order', async ({ parameters }) => {
      const { stream } = await responder().incident(parameters['id'] ?? '')
      const events: RecordedEvent[] = []
      for await (const event of house.log.read(stream)) events.push(event)
      return { timeline: timelineEntries(events) }
    }),
    read('/incidents/:id/forecast', 'What happens next, and when, if nothing changes', async ({ parameters }) => {
      const forecast = await responder().forecast(parameters['id'] ?? '')
      return { forecast: forecast.map((it) => ({ ...it, at: new Date(it.at).toISOString() })) }
    }),
    read('/incidents/:id/explain', 'Why this level, why this page, why not that one', async ({ parameters }) =>
      responder().explain(parameters['id'] ?? ''),
    ),
  ]
}

function queryOf(url: URL) {
  const service = url.searchParams.get('service') ?? undefined
  const wanted = url.searchParams.get('status')?.split(',')
  const status = wanted?.map((it) => {
    const known = statuses.find((name) => name === it)
    if (known === undefined) throw new InvalidInput('status', `is one of ${statuses.join(', ')}`)
    return known
  })
  const limit = Number(url.searchParams.get('limit') ?? 100)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
    throw new InvalidInput('limit', 'is a whole number from 1 to 1000')
  return { limit, ...(service ? { service } : {}), ...(status ? { status } : {}) }
}
