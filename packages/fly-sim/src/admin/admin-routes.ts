import { FirebreakError, InvalidInput } from '@firebreak/core'
import type { JsonObject } from '@firebreak/core'
import type { Behaviour } from '../behaviour.ts'
import type { Call, Handler } from '../api/call.ts'
import { empty, json, objectBody } from '../api/call.ts'
import { refuse } from '../api/refusal.ts'
import type { Router } from '../api/router.ts'
import type { PlatformIncident } from '../api/statuspage.ts'
import type { Fault } from '../faults/fault.ts'
import type { SimImage } from '../options.ts'
import { validateBehaviour, validateFault } from '../validate.ts'
import { objectOf, textOf } from '../world/config.ts'
import type { FlySimAdmin, ShipRequest } from './admin.ts'

/** The admin surface over HTTP, under a prefix that Fly does not have. It asks for no token: it is for tests on loopback. */
export function addAdminRoutes(router: Router, admin: FlySimAdmin): void {
  const disposers = new Map<string, () => void>()
  const routes: readonly (readonly [string, string, (call: Call, body: JsonObject) => unknown])[] = [
    [
      'POST',
      '/_sim/ship',
      (_, body) => admin.ship(text(body, 'app'), text(body, 'image'), objectOf(body['options']) as ShipRequest),
    ],
    [
      'POST',
      '/_sim/secrets',
      (_, body) =>
        admin.shipSecrets(
          text(body, 'app'),
          objectOf(body['values']) as Record<string, string | null>,
          objectOf(body['options']) as ShipRequest,
        ),
    ],
    ['POST', '/_sim/images', (_, body) => admin.publish(imageIn(body))],
    ['POST', '/_sim/images/prune', (_, body) => admin.prune(text(body, 'image'))],
    ['POST', '/_sim/images/restore', (_, body) => admin.restore(text(body, 'image'))],
    [
      'POST',
      '/_sim/machines/{machine}/break',
      (call, body) => admin.breakMachine(call.params['machine']!, behaviourIn(body)),
    ],
    ['POST', '/_sim/machines/{machine}/mend', (call) => admin.mendMachine(call.params['machine']!)],
    ['POST', '/_sim/machines/{machine}/crash', (call, body) => admin.crash(call.params['machine']!, body)],
    ['POST', '/_sim/machines/{machine}/autostop', (call) => admin.autostop(call.params['machine']!)],
    [
      'POST',
      '/_sim/machines/{machine}/lease',
      (call, body) => ({ nonce: admin.holdLease(call.params['machine']!, body) }),
    ],
    ['POST', '/_sim/apps/{app}/break', (call, body) => admin.breakApp(call.params['app']!, behaviourIn(body))],
    ['POST', '/_sim/apps/{app}/mend', (call) => admin.mendApp(call.params['app']!)],
    [
      'POST',
      '/_sim/apps/{app}/traffic',
      (call, body) => admin.setTraffic(call.params['app']!, Number(body['requestsPerSecond'])),
    ],
    ['GET', '/_sim/apps/{app}/machines', (call) => admin.machines(call.params['app']!)],
    [
      'POST',
      '/_sim/faults',
      (_, body) => {
        const fault = body as unknown as Fault
        validateFault('fault', fault)
        const id = String(disposers.size + 1)
        disposers.set(id, admin.addFault(fault))
        return { id }
      },
    ],
    ['DELETE', '/_sim/faults', () => admin.clearFaults()],
    ['DELETE', '/_sim/faults/{id}', (call) => disposers.get(call.params['id']!)?.()],
    [
      'POST',
      '/_sim/platform',
      (_, body) =>
        admin.setPlatformIncident(body['name'] === undefined ? undefined : (body as unknown as PlatformIncident)),
    ],
    ['POST', '/_sim/rate-limit', (_, body) => admin.setRateLimit(body['on'] === true)],
    [
      'GET',
      '/_sim/calls',
      (call) =>
        admin.calls({ operation: call.query.get('operation') ?? undefined, app: call.query.get('app') ?? undefined }),
    ],
    ['GET', '/_sim/writes', () => admin.writes()],
    ['DELETE', '/_sim/calls', () => admin.clearCalls()],
  ]
  for (const [method, pattern, act] of routes)
    router.add(method, pattern, {
      operation: `sim ${method} ${pattern}`,
      surface: 'sim',
      open: true,
      handler: guarded(act),
    })
}

function guarded(act: (call: Call, body: JsonObject) => unknown): Handler {
  return async (call) => {
    try {
      const result: unknown = await act(call, objectBody(call))
      return result === undefined ? empty(204) : json(result)
    } catch (error) {
      if (FirebreakError.isInstance(error)) throw refuse(400, error.message)
      throw error
    }
  }
}

function text(body: JsonObject, field: string): string {
  const value = textOf(body[field])
  if (value === '') throw new InvalidInput(field, 'is required')
  return value
}

function imageIn(body: JsonObject): SimImage {
  if (body['behaviour'] !== undefined) validateBehaviour('behaviour', objectOf(body['behaviour']) as Behaviour)
  return { ...(body as object), ref: text(body, 'ref') }
}

function behaviourIn(body: JsonObject): Behaviour {
  const behaviour = objectOf(body['behaviour'] ?? body) as Behaviour
  validateBehaviour('behaviour', behaviour)
  return behaviour
}
