import type { JsonObject } from '@firebreak/core'
import type { Machine } from '../world/machine.ts'
import { regions } from '../world/regions.ts'
import type { World } from '../world/world.ts'
import { rfc3339 } from '../world/world.ts'
import type { Handler } from './call.ts'
import { flag, json, objectBody } from './call.ts'
import { machineObject } from './machine-json.ts'
import { refuse } from './refusal.ts'

export function platformHandlers(world: World): Readonly<Record<string, Handler>> {
  return {
    'platform.regions': () =>
      json({
        nearest: regions[0]?.code,
        regions: regions.map(({ gatewayAvailable, requiresPaidPlan, ...region }) => ({
          ...region,
          gateway_available: gatewayAvailable,
          requires_paid_plan: requiresPaidPlan,
        })),
      }),
    'platform.placements'(call) {
      const body = objectBody(call)
      const wanted = typeof body['region'] === 'string' && body['region'] !== '' ? body['region'].split(',') : ['iad']
      const unknown = wanted.find((code) => code !== 'any' && !regions.some((region) => region.code === code))
      if (unknown !== undefined) throw refuse(400, `invalid_argument: unknown region '${unknown}'`)
      const count = typeof body['count'] === 'number' ? body['count'] : 1
      return json({
        regions: wanted.map((region) => ({ region: region === 'any' ? 'iad' : region, count, concurrency: 1 })),
      })
    },
    'tokens.current'({ caller }) {
      const organization = world.organizations.get(caller.organization)?.id ?? ''
      return json({
        tokens: [
          {
            token_id: 'simulated',
            org_slug: caller.organization,
            organization,
            apps: caller.app === undefined ? [] : [caller.app],
            user: caller.user,
            restricted_to_machine: '',
            source_machine_id: '',
          },
        ],
      })
    },
    'organizations.machines'(call) {
      if (call.params['org'] !== call.caller.organization) throw refuse(404, 'organization not found')
      const limit = Math.min(1_000, Math.max(1, Number(call.query.get('limit') ?? 1_000) || 1_000))
      const after = call.query.get('cursor') ?? ''
      const updatedAfter = Date.parse(call.query.get('updated_after') ?? '')
      const region = call.query.get('region') ?? ''
      const states = (call.query.get('state') ?? '').split(',').filter((state) => state !== '')
      const machines = [...world.apps.values()]
        .filter(({ organization }) => organization.slug === call.caller.organization)
        .flatMap((app) => [...app.machines.values()])
        .filter(
          (machine) =>
            (machine.state !== 'destroyed' || flag(call, 'include_deleted')) &&
            (region === '' || machine.region === region) &&
            (states.length === 0 || states.includes(machine.state)) &&
            (Number.isNaN(updatedAfter) || machine.updatedAt > updatedAfter) &&
            cursorOf(machine) > after,
        )
        .toSorted((one, other) => (cursorOf(one) < cursorOf(other) ? -1 : 1))
      const page = machines.slice(0, limit)
      const last = page.at(-1)
      return json({
        machines: page.map((machine) => organizationMachine(machine, flag(call, 'summary'))),
        next_cursor: machines.length > limit && last !== undefined ? cursorOf(last) : '',
        last_machine_id: last?.id ?? '',
        last_updated_at: last === undefined ? '' : rfc3339(last.updatedAt),
        error_regions: [],
      })
    },
  }
}

function cursorOf(machine: Machine): string {
  return `${rfc3339(machine.updatedAt)}/${machine.id}`
}

function organizationMachine(machine: Machine, summary: boolean): JsonObject {
  const { id, name, state, region, instance_id, version, private_ip, created_at, updated_at } = machineObject(machine)
  const short = {
    id,
    name,
    state,
    region,
    instance_id,
    version,
    private_ip,
    created_at,
    updated_at,
    app_name: machine.app,
  }
  return summary ? short : { ...short, config: overview(machine.version.config) }
}

function overview({ image, guest, metadata }: JsonObject): JsonObject {
  return { image, guest, metadata }
}
