import { InvalidInput, type Clock, type Incident } from '@firebreak/core'
import { bodies } from './bodies.ts'
import { readJson } from './body.ts'
import { optionalText, textField } from './fields.ts'
import type { HandlerOptions } from './handler-options.ts'
import { viewIncident } from './incident-view.ts'
import type { Scope } from './options.ts'
import type { Route } from './router.ts'

type Verb = 'acknowledge' | 'resolve' | 'note' | 'escalate' | 'approve' | 'deny'
type Body = Record<string, unknown>
type Act = (id: string, body: Body, by: string) => Promise<Readonly<Incident>>

/** What people do to an incident. POST acts; no GET ever does: chat previews fetch links. */
export function operateRoutes({ responder, house: { clock } }: HandlerOptions): Route[] {
  const act = (verb: Verb, summary: string, handle: Act, scope: Scope = 'incidents:operate'): Route => ({
    method: 'POST',
    path: `/incidents/:id/${verb}`,
    scope,
    summary,
    described: { body: bodies[verb] },
    async handle({ request, parameters, caller }) {
      const body = await objectBody(request, clock)
      const by = optionalText(body, 'by', 100) ?? caller.name
      return Response.json(viewIncident(await handle(parameters['id'] ?? '', body, by)))
    },
  })

  return [
    act('acknowledge', 'Somebody has it: stops what is due for that step and severity', (id, body, by) =>
      responder().acknowledge(id, {
        by,
        role: optionalText(body, 'role', 50),
        via: optionalText(body, 'via', 50) ?? 'http',
      }),
    ),
    act('resolve', 'It is over', (id, body, by) => responder().resolve(id, { by, why: textField(body, 'why') })),
    act('note', 'For the timeline', (id, body, by) =>
      responder().note(id, { by, text: textField(body, 'text', 10_000) }),
    ),
    act('escalate', 'Wakes the engineer now', (id, body, by) =>
      responder().escalate(id, { by, to: optionalText(body, 'to', 50), why: textField(body, 'why') }),
    ),
    act(
      'approve',
      'Allows the plan with this digest, once',
      (id, body, by) =>
        responder().approve(id, {
          by,
          approval: textField(body, 'approval', 200),
          digest: textField(body, 'digest', 200),
        }),
      'actions:approve',
    ),
    act(
      'deny',
      'Refuses a plan',
      (id, body, by) =>
        responder().deny(id, {
          by,
          approval: textField(body, 'approval', 200),
          digest: optionalText(body, 'digest', 200),
          reason: optionalText(body, 'reason'),
        }),
      'actions:approve',
    ),
    {
      method: 'POST',
      path: '/holds',
      scope: 'incidents:operate',
      summary: 'Stops acting, never paging: {service?, until?, reason} places a hold, {release: id} lifts it',
      described: { statuses: [200, 201], body: bodies.holds },
      async handle({ request, caller }) {
        const body = await objectBody(request, clock)
        const by = optionalText(body, 'by', 100) ?? caller.name
        const service = optionalText(body, 'service', 200)
        const release = optionalText(body, 'release', 100)
        if (release !== undefined) {
          await responder().release(release, { by, service })
          return Response.json({ released: release })
        }
        const until = optionalText(body, 'until', 40)
        const hold = await responder().hold({ by, service, until, reason: textField(body, 'reason') })
        return Response.json({ hold }, { status: 201 })
      },
    },
    {
      method: 'POST',
      path: '/silences',
      scope: 'incidents:operate',
      summary:
        'Signals that raise no level: {service, key?, until, reason} places a silence, {lift: id, service?} lifts it',
      described: { statuses: [200, 201], body: bodies.silences },
      async handle({ request, caller }) {
        const body = await objectBody(request, clock)
        const by = optionalText(body, 'by', 100) ?? caller.name
        const lift = optionalText(body, 'lift', 100)
        if (lift !== undefined) {
          await responder().unsilence(lift, { by, service: optionalText(body, 'service', 200) })
          return Response.json({ lifted: lift })
        }
        const silence = await responder().silence({
          by,
          service: textField(body, 'service', 200),
          key: optionalText(body, 'key', 200),
          until: textField(body, 'until', 40),
          reason: textField(body, 'reason'),
        })
        return Response.json({ silence }, { status: 201 })
      },
    },
  ]
}

async function objectBody(request: Request, clock: Clock): Promise<Body> {
  const body = await readJson(request, clock)
  if (Array.isArray(body)) throw new InvalidInput('body', 'is a list; send one object')
  return body
}
