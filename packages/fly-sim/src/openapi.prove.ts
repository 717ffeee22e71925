import { existsSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { good, shop } from './fixtures/shop.ts'

/** Beside the repository, where Fly's published specification is kept; absent in a stranger's clone. */
const specification = new URL('../../../../shared/reference/fly-machines-openapi.json', import.meta.url)
const present = existsSync(specification)
if (!present) process.stdout.write('the OpenAPI file is not beside this repository: the contract is not proven here\n')

/** Where the published specification is known to be wrong, and what is true instead. These are all exceptions. */
const fields: readonly { schema: string; field: string; really: Schema; why: string }[] = [
  { schema: 'Machine', field: 'version', really: { type: 'string' }, why: 'a newer alias of instance_id' },
  { schema: 'Machine', field: 'cordoned', really: { type: 'boolean' }, why: 'added to the specification later' },
  { schema: 'App', field: 'cname_target', really: { type: 'string' }, why: 'read by the official client' },
  { schema: 'App', field: 'app_role', really: { type: 'string' }, why: 'read by the official client' },
  {
    schema: 'fly.MachineService',
    field: 'autostop',
    really: { type: ['string', 'boolean'] },
    why: 'answers keep booleans, the specification says string',
  },
  { schema: 'fly.MachineService', field: 'force_instance_key', really: {}, why: 'null, and internal' },
]
/** Bodies that the specification shows bare and that come as { status, data }. */
const enveloped = new Set(['get lease', 'post lease'])

type Schema = Record<string, unknown>
interface Spec {
  readonly paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: Schema }> }> }>
  >
  readonly components: { readonly schemas: Record<string, Schema> }
}

/** OpenAPI 3.0 into JSON Schema; every object is closed, so that a field that nobody specified is found. */
function toJsonSchema(node: unknown, name = ''): unknown {
  if (Array.isArray(node)) return node.map((item) => toJsonSchema(item))
  if (typeof node !== 'object' || node === null) return node
  const schema: Schema = {}
  for (const [key, value] of Object.entries(node)) {
    if (['example', 'description', 'format', 'x-enum-varnames', 'deprecated'].includes(key)) continue
    if (key === '$ref') schema[key] = String(value).replace('#/components/schemas/', '#/definitions/')
    else if (key === 'properties')
      schema[key] = Object.fromEntries(
        Object.entries(value as Schema).map(([field, inner]) => [field, toJsonSchema(inner)]),
      )
    else schema[key] = toJsonSchema(value)
  }
  if (schema['properties'] !== undefined && schema['additionalProperties'] === undefined) {
    schema['additionalProperties'] = false
    for (const { field, really } of fields.filter((it) => it.schema === name))
      Object.assign(schema['properties'] as Schema, { [field]: really })
  }
  return schema
}

const envelope = (data: Schema): Schema => ({
  type: 'object',
  required: ['status', 'data'],
  properties: { status: { const: 'success' }, data },
})

const { send, path, clock, sim } = shop({ serviceChecks: [{ intervalMs: 1_000 }] })
const app = '/v1/apps/shop'
const volume = { name: 'data', region: 'iad', size_gb: 1 }

/** One request for every operation that answers with something, in an order that works. */
const requests: readonly (readonly [method: string, template: string, actual: string, body: unknown])[] = (
  [
    ['get', '/apps', '/v1/apps?org_slug=personal'],
    ['post', '/apps', '/v1/apps', { name: 'other', org_slug: 'personal' }],
    ['get', '/apps/{app_name}', app],
    ['post', '/apps/{app_name}/deploy_token', `${app}/deploy_token`, {}],
    ['get', '/apps/{app_name}/ip_assignments', `${app}/ip_assignments`],
    ['post', '/apps/{app_name}/ip_assignments', `${app}/ip_assignments`, { type: 'v6' }],
    ['get', '/apps/{app_name}/certificates', `${app}/certificates`],
    ['get', '/apps/{app_name}/machines', `${app}/machines`],
    ['post', '/apps/{app_name}/machines', `${app}/machines`, { config: { image: good }, lease_ttl: 10 }],
    ['get', '/apps/{app_name}/machines/{machine_id}', path(0)],
    ['post', '/apps/{app_name}/machines/{machine_id}', path(1), { config: { image: good } }],
    ['get', '/apps/{app_name}/machines/{machine_id}/events', path(0, '/events')],
    ['get', '/apps/{app_name}/machines/{machine_id}/versions', path(0, '/versions')],
    ['get', '/apps/{app_name}/machines/{machine_id}/wait', path(0, '/wait')],
    ['get', '/apps/{app_name}/machines/{machine_id}/ps', path(0, '/ps')],
    ['post', '/apps/{app_name}/machines/{machine_id}/exec', path(0, '/exec'), { command: ['echo', 'x'] }],
    ['get', '/apps/{app_name}/machines/{machine_id}/metadata', path(0, '/metadata')],
    ['get', '/apps/{app_name}/machines/{machine_id}/metadata/{key}', path(0, '/metadata/fly_platform_version')],
    ['get', '/apps/{app_name}/machines/{machine_id}/memory', path(0, '/memory')],
    ['put', '/apps/{app_name}/machines/{machine_id}/memory', path(0, '/memory'), { limit_mb: 256 }],
    ['post', '/apps/{app_name}/machines/{machine_id}/memory/reclaim', path(0, '/memory/reclaim'), { amount_mb: 1 }],
    ['post', '/apps/{app_name}/machines/{machine_id}/lease', path(2, '/lease?ttl=60')],
    ['get', '/apps/{app_name}/machines/{machine_id}/lease', path(2, '/lease')],
    ['get', '/apps/{app_name}/secrets', `${app}/secrets`],
    ['post', '/apps/{app_name}/secrets', `${app}/secrets`, { values: { A: 'x', B: 'y' } }],
    ['post', '/apps/{app_name}/secrets/{secret_name}', `${app}/secrets/C`, { value: 'z' }],
    ['get', '/apps/{app_name}/secrets/{secret_name}', `${app}/secrets/C`],
    ['delete', '/apps/{app_name}/secrets/{secret_name}', `${app}/secrets/C`],
    ['post', '/apps/{app_name}/volumes', `${app}/volumes`, volume],
    ['get', '/apps/{app_name}/volumes', `${app}/volumes`],
    ['get', '/orgs/{org_slug}/machines', '/v1/orgs/personal/machines'],
    ['get', '/platform/regions', '/v1/platform/regions'],
    ['post', '/platform/placements', '/v1/platform/placements', { region: 'iad', count: 1 }],
    ['get', '/tokens/current', '/v1/tokens/current'],
  ] as readonly (readonly [string, string, string, unknown?])[]
).map(([method, template, actual, body]) => [method, template, actual, body] as const)

describe.skipIf(!present)('what the simulator answers is what the specification says', () => {
  let spec: Spec
  let ajv: Ajv
  beforeAll(async () => {
    spec = JSON.parse(readFileSync(specification, 'utf8')) as Spec
    ajv = new Ajv({ strict: false, allErrors: true })
    await clock.advance(30_000)
  })
  afterAll(() => sim.close())

  test.each([...requests])('%s %s', async (method, template, actual, body) => {
    const { status, body: answered } = await clock.run(send(method.toUpperCase(), actual, body))
    expect(status).toBeLessThan(300)
    const response = spec.paths[template]?.[method]?.responses[String(status)]
    expect(response, `${status} is not in the specification`).toBeDefined()
    const schema = response?.content?.['application/json']?.schema
    if (schema === undefined) return
    const definitions = Object.fromEntries(
      Object.entries(spec.components.schemas).map(([name, it]) => [name, toJsonSchema(it, name)]),
    )
    const converted = toJsonSchema(schema) as Schema
    const wrapped = enveloped.has(`${method} ${template.split('/').at(-1) ?? ''}`)
    const validate = ajv.compile({ definitions, ...(wrapped ? envelope(converted) : converted) })
    validate(answered)
    expect(validate.errors ?? []).toEqual([])
  })
})
