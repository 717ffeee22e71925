import * as z from 'zod'
import { InvalidInput } from '@firebreak/core'
import type { AppScope } from '../machines/scope.ts'
import { aboutOf } from '../machines/scope.ts'
import { flyCall, type Answered, type CallOptions, type FlyCall } from '../transport/call.ts'
import type { FlyRequest } from '../transport/http.ts'
import { flyList, type FlyList } from '../transport/list.ts'
import { checkedNumber, checkedSegment } from '../transport/route.ts'
import { decode, listOf } from '../transport/schema.ts'
import { askGraphql } from '../transport/graphql.ts'
import { imageNode, releaseNode, restRelease, type FlyImage, type FlyRelease } from './release.ts'

export interface ReleaseQuery extends CallOptions {
  /** Default 25. */
  readonly limit?: number | undefined
  /** Only releases of this status; really asked for, unlike flyctl's. */
  readonly status?: string | undefined
  /** Adds `configDefinition`, the `fly.toml` of each release. */
  readonly withConfig?: boolean | undefined
}

export interface NewRelease {
  readonly image: string
  /** The app's configuration as JSON; without it, the current release's is taken over. */
  readonly definition?: Readonly<Record<string, unknown>> | undefined
  readonly strategy?: 'ROLLING' | 'IMMEDIATE' | 'CANARY' | 'BLUEGREEN' | undefined
}

export interface FlyReleases {
  /** `POST /graphql` (`releasesUnprocessed`), newest first. */
  list(query?: ReleaseQuery): FlyList<FlyRelease>
  /** `POST /graphql` (`currentReleaseUnprocessed`): the newest one, good or not; `null` when there is none. */
  current(options?: CallOptions & { readonly withConfig?: boolean | undefined }): FlyCall<FlyRelease | null>
  /** `POST /graphql` (`releases`): what was recorded with each release, by version. */
  metadata(
    query?: Pick<ReleaseQuery, 'limit'> & CallOptions,
  ): FlyCall<ReadonlyMap<number, Readonly<Record<string, unknown>>>>
  /** `POST /graphql` (`image(ref)`); `null` when the registry no longer has it. */
  image(ref: string, options?: CallOptions): FlyCall<FlyImage | null>
  /** Whether the image can still be pulled. Asks each time: images get pruned. */
  available(release: string | Pick<FlyRelease, 'image'>, options?: CallOptions): FlyCall<boolean>
  /** `POST /api/v1/releases`. Not repeated when its answer was lost: every release takes a number. */
  create(release: NewRelease, options?: CallOptions): FlyCall<FlyRelease>
  /** `PATCH /api/v1/releases/{release}` */
  update(
    id: string,
    change: { readonly status: string; readonly metadata?: Readonly<Record<string, unknown>> | undefined },
    options?: CallOptions,
  ): FlyCall<FlyRelease>
}

const fields =
  'id version description reason status imageRef stable deploymentStrategy user { id email name } createdAt'

export function flyReleases(scope: AppScope): FlyReleases {
  const { http, app } = scope

  async function listed(query: ReleaseQuery): Promise<Answered<readonly FlyRelease[]>> {
    const limit = checkedNumber(query.limit ?? 25, 'limit', 1, 500, true)
    const config = query.withConfig === true ? ' configDefinition' : ''
    const byStatus = query.status !== undefined
    const answer = await askGraphql(
      http,
      {
        query: `query ($appName: String!, $limit: Int!${byStatus ? ', $status: String' : ''}) {
          app(name: $appName) {
            releases: releasesUnprocessed(first: $limit${byStatus ? ', status: $status' : ''}) { nodes { ${fields}${config} } }
          }
        }`,
        variables: { appName: app, limit, ...(byStatus ? { status: query.status } : {}) },
        data: z.looseObject({ app: z.looseObject({ releases: z.looseObject({ nodes: listOf(releaseNode) }) }) }),
      },
      query,
    )
    const releases = answer.data.app.releases.nodes
      .filter((release) => query.status === undefined || release.status === query.status)
      .toSorted((one, other) => other.version - one.version)
    return { ...answer, data: releases }
  }

  async function current({ withConfig, ...options }: CallOptions & { withConfig?: boolean | undefined } = {}) {
    const config = withConfig === true ? ' configDefinition' : ''
    const answer = await askGraphql(
      http,
      {
        query: `query ($appName: String!) {
          app(name: $appName) { currentRelease: currentReleaseUnprocessed { ${fields}${config} } }
        }`,
        variables: { appName: app },
        data: z.looseObject({ app: z.looseObject({ currentRelease: releaseNode.nullish() }) }),
      },
      options,
    )
    return { ...answer, data: answer.data.app.currentRelease ?? null }
  }

  async function image(ref: string, options?: CallOptions): Promise<Answered<FlyImage | null>> {
    if (typeof ref !== 'string' || !/^[\w./:@+-]{1,512}$/.test(ref))
      throw new InvalidInput('image', 'is no image reference')
    const answer = await askGraphql(
      http,
      {
        query: `query ($appName: String!, $imageRef: String!) {
          app(name: $appName) { id image(ref: $imageRef) { id digest ref config compressedSize: compressedSizeFull } }
        }`,
        variables: { appName: app, imageRef: ref },
        data: z.looseObject({ app: z.looseObject({ image: imageNode.nullish() }) }),
      },
      options,
    )
    return { ...answer, data: answer.data.app.image ?? null }
  }

  async function rest<Schema extends z.ZodType>(request: FlyRequest, schema: Schema, options?: CallOptions) {
    return decode(schema, await http.send(request, options), aboutOf(request))
  }

  return {
    list: (query = {}) => flyList(() => listed(query)),
    current: (options) => flyCall(() => current(options)),
    metadata: ({ limit, ...options } = {}) =>
      flyCall(async () => {
        const answer = await askGraphql(
          http,
          {
            query: `query ($appName: String!, $limit: Int!) {
              app(name: $appName) { releases(first: $limit) { nodes { id version metadata } } }
            }`,
            variables: { appName: app, limit: checkedNumber(limit ?? 25, 'limit', 1, 500, true) },
            data: z.looseObject({ app: z.looseObject({ releases: z.looseObject({ nodes: listOf(releaseNode) }) }) }),
          },
          options,
        )
        const { nodes } = answer.data.app.releases
        return { ...answer, data: new Map(nodes.map(({ version, metadata }) => [version, metadata ?? {}])) }
      }),
    image: (ref, options) => flyCall(() => image(ref, options)),
    available: (release, options) =>
      flyCall(async () => {
        const answer = await image(typeof release === 'string' ? release : release.image, options)
        return { ...answer, data: answer.data !== null }
      }),
    create: ({ image: ref, definition, strategy = 'ROLLING' }, options) =>
      flyCall(async () => {
        const config = definition ?? (await current({ ...options, withConfig: true })).data?.configDefinition ?? {}
        const body = { app_name: app, build_id: 0, definition: config, image: ref, strategy }
        return rest(
          { service: 'releases', method: 'POST', route: '/api/v1/releases', repeat: 'unsent', body },
          z.looseObject({ release: restRelease }).transform(({ release }) => release),
          options,
        )
      }),
    update: (id, { status, metadata }, options) =>
      flyCall(async () =>
        rest(
          {
            service: 'releases',
            method: 'PATCH',
            route: '/api/v1/releases/{release}',
            values: { release: checkedSegment(id, 'release') },
            repeat: 'always',
            body: { status, ...(metadata === undefined ? {} : { metadata }) },
          },
          restRelease,
          options,
        ),
      ),
  }
}
