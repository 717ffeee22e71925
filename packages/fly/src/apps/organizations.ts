import * as z from 'zod'
import { InvalidInput } from '@firebreak/core'
import type { Guest } from '../machines/machine.ts'
import { aboutOf } from '../machines/scope.ts'
import { flyCall, type CallOptions, type FlyCall } from '../transport/call.ts'
import { askGraphql } from '../transport/graphql.ts'
import type { FlyRequest, Http } from '../transport/http.ts'
import { flyList, type FlyList, type Page } from '../transport/list.ts'
import { checkedName } from '../transport/route.ts'
import { anyObject, decode, listOf, text, texts } from '../transport/schema.ts'

export interface Organization {
  readonly id: string
  readonly slug: string
  readonly name: string
  /** `PERSONAL` or `SHARED`. */
  readonly type: string
}

/** A machine in short. Its configuration is not here, only what it says of itself: read it from its app before a write. */
export interface OrganizationMachine {
  readonly id: string
  readonly app: string
  readonly name: string
  readonly state: string
  readonly region: string
  readonly version: string
  readonly image: string
  readonly guest?: Guest | undefined
  readonly metadata: Readonly<Record<string, string>>
  /** RFC 3339. */
  readonly updatedAt?: string | undefined
}

/** Machines of a whole organization: eventually consistent, sorted by when they changed. */
export interface OrganizationMachineQuery extends CallOptions {
  readonly region?: string | undefined
  readonly state?: string | undefined
  readonly includeDeleted?: boolean | undefined
  /** RFC 3339. */
  readonly updatedAfter?: string | undefined
}

export interface FlyOrganizations {
  /** `POST /graphql` (`organizations`), page by page. */
  list(options?: CallOptions): FlyList<Organization>
  /** `POST /graphql` (`organization`) */
  get(slug: string, options?: CallOptions): FlyCall<Organization>
  /** `POST /graphql` (`createOrganization`). Not repeated when its answer was lost. */
  create(name: string, options?: CallOptions): FlyCall<Organization>
  /** `POST /graphql` (`deleteOrganization`). Not repeated when its answer was lost. */
  delete(slug: string, options?: CallOptions): FlyCall<void>
  /** `GET /v1/orgs/{organization}/machines`, page by page; pages can be short or empty while more remain. */
  machines(slug: string, query?: OrganizationMachineQuery): FlyList<OrganizationMachine>
}

const organization = z
  .looseObject({ id: z.string(), slug: text, rawSlug: text, name: text, type: text })
  .transform((it): Organization => ({
    id: it.id,
    slug: it.rawSlug ?? it.slug ?? '',
    name: it.name ?? '',
    type: it.type ?? '',
  }))
const connection = z.looseObject({
  nodes: listOf(organization),
  pageInfo: z.looseObject({ hasNextPage: z.boolean(), endCursor: text }).nullish(),
})
const fields = 'id slug rawSlug name type'

export function flyOrganizations(http: Http): FlyOrganizations {
  async function page(after: string | undefined, options: CallOptions): Promise<Page<Organization>> {
    const answer = await askGraphql(
      http,
      {
        query: `query ($after: String) {
          organizations(first: 100, after: $after) { nodes { ${fields} } pageInfo { hasNextPage endCursor } }
        }`,
        variables: { after: after ?? null },
        data: z.looseObject({ organizations: connection }),
      },
      options,
    )
    const { nodes, pageInfo } = answer.data.organizations
    const cursor = pageInfo?.hasNextPage === true ? pageInfo.endCursor : undefined
    const more = cursor === undefined || cursor === after ? undefined : () => page(cursor, options)
    return { ...answer, data: nodes, next: more }
  }
  async function get(slug: string, options?: CallOptions) {
    const answer = await askGraphql(
      http,
      {
        query: `query ($slug: String!) { organization(slug: $slug) { ${fields} } }`,
        variables: { slug: checkedName(slug, 'organization') },
        data: z.looseObject({ organization }),
      },
      options,
    )
    return { ...answer, data: answer.data.organization }
  }
  return {
    list: (options = {}) => flyList(() => page(undefined, options)),
    get: (slug, options) => flyCall(() => get(slug, options)),
    create: (name, options) =>
      flyCall(async () => {
        if (typeof name !== 'string' || name.trim() === '') throw new InvalidInput('name', 'is needed')
        const answer = await askGraphql(
          http,
          {
            query: `mutation ($input: CreateOrganizationInput!) {
              createOrganization(input: $input) { organization { ${fields} } }
            }`,
            variables: { input: { name } },
            data: z.looseObject({ createOrganization: z.looseObject({ organization }) }),
            mutation: true,
          },
          options,
        )
        return { ...answer, data: answer.data.createOrganization.organization }
      }),
    delete: (slug, options) =>
      flyCall(async () => {
        const { data: found } = await get(slug, options)
        const answer = await askGraphql(
          http,
          {
            query: `mutation ($input: DeleteOrganizationInput!) {
              deleteOrganization(input: $input) { deletedOrganizationId }
            }`,
            variables: { input: { organizationId: found.id } },
            data: z.looseObject({}),
            mutation: true,
          },
          options,
        )
        return { ...answer, data: undefined }
      }),
    machines: (slug, query = {}) => flyList(() => machinePage(http, slug, query, undefined)),
  }
}

const overview = z
  .looseObject({
    id: z.string().min(1),
    app_name: text,
    name: text,
    state: text,
    region: text,
    version: text,
    instance_id: text,
    updated_at: text,
    config: z
      .looseObject({ image: text, guest: anyObject.nullish().catch(undefined), metadata: texts })
      .nullish()
      .catch(undefined),
  })
  .transform((it): OrganizationMachine => ({
    id: it.id,
    app: it.app_name ?? '',
    name: it.name ?? '',
    state: it.state ?? 'unknown',
    region: it.region ?? '',
    version: it.version ?? it.instance_id ?? '',
    image: it.config?.image ?? '',
    guest: it.config?.guest ?? undefined,
    metadata: it.config?.metadata ?? {},
    updatedAt: it.updated_at,
  }))
const machinesAnswer = z.looseObject({ machines: listOf(overview), next_cursor: text })

async function machinePage(
  http: Http,
  slug: string,
  query: OrganizationMachineQuery,
  cursor: string | undefined,
): Promise<Page<OrganizationMachine>> {
  const values = { organization: checkedName(slug, 'organization') }
  const request: FlyRequest = {
    service: 'machines',
    method: 'GET',
    route: '/v1/orgs/{organization}/machines',
    values,
    query: [
      ...(query.includeDeleted === true ? [['include_deleted', 'true'] as const] : []),
      ...(query.region === undefined ? [] : [['region', checkedName(query.region, 'region')] as const]),
      ...(query.state === undefined ? [] : [['state', checkedName(query.state, 'state')] as const]),
      ...(query.updatedAfter === undefined ? [] : [['updated_after', query.updatedAfter] as const]),
      ...(cursor === undefined ? [] : [['cursor', cursor] as const]),
    ],
    repeat: 'always',
    pace: { key: `GET organization machines ${values.organization}`, by: 'action' },
  }
  const { data, ...rest } = decode(machinesAnswer, await http.send(request, query), aboutOf(request))
  const next = data.next_cursor
  const more =
    next === undefined || next === '' || next === cursor ? undefined : () => machinePage(http, slug, query, next)
  return { ...rest, data: data.machines, next: more }
}
