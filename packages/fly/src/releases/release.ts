import * as z from 'zod'
import { anyObject, flag, text, texts } from '../transport/schema.ts'

/** A release as Fly lists it: the newest one is "current", whether it went well or not. */
export interface FlyRelease {
  readonly id: string
  readonly version: number
  /** Open set; flyctl writes `running`, then `complete`, `failed` or `interrupted`. */
  readonly status: string
  /** The reference as it was deployed; empty when Fly does not tell. */
  readonly image: string
  readonly description: string
  readonly reason: string
  readonly stable: boolean
  readonly strategy?: string | undefined
  /** RFC 3339. */
  readonly createdAt: string
  /** E-mail or name of who shipped it; absent for a token without a user. */
  readonly user?: string | undefined
  /** What was written with `update`; only where it was asked for. */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  /** `fly.toml` as of this release, as JSON; only where it was asked for. */
  readonly configDefinition?: Readonly<Record<string, unknown>> | undefined
}

/** A person, a plain string (REST), or nothing. */
const user = z
  .union([z.string(), z.looseObject({ email: text, name: text }).transform(({ email, name }) => email ?? name)])
  .nullish()
  .catch(undefined)
  .transform((value) => (value === null || value === '' ? undefined : value))

const optionalObject = anyObject
  .nullish()
  .catch(undefined)
  .transform((value) => value ?? undefined)

/** GraphQL's names. */
export const releaseNode = z
  .looseObject({
    id: z.string(),
    version: z.number(),
    status: text,
    imageRef: text,
    description: text,
    reason: text,
    stable: flag,
    deploymentStrategy: text,
    createdAt: text,
    user,
    metadata: optionalObject,
    configDefinition: optionalObject,
  })
  .transform((node): FlyRelease => ({
    id: node.id,
    version: node.version,
    status: node.status ?? 'unknown',
    image: node.imageRef ?? '',
    description: node.description ?? '',
    reason: node.reason ?? '',
    stable: node.stable ?? false,
    strategy: node.deploymentStrategy,
    createdAt: node.createdAt ?? '',
    user: node.user,
    metadata: node.metadata,
    configDefinition: node.configDefinition,
  }))

/** REST's names; the user is a plain string there. */
export const restRelease = z
  .looseObject({
    id: z.union([z.string(), z.number()]).transform(String),
    version: z.number(),
    status: text,
    image_ref: text,
    description: text,
    stable: flag,
    strategy: text,
    created_at: text,
    user,
    metadata: optionalObject,
  })
  .transform((release): FlyRelease => ({
    id: release.id,
    version: release.version,
    status: release.status ?? 'unknown',
    image: release.image_ref ?? '',
    description: release.description ?? '',
    reason: '',
    stable: release.stable ?? false,
    strategy: release.strategy,
    createdAt: release.created_at ?? '',
    user: release.user,
    metadata: release.metadata,
  }))

/** An image that the registry still has. */
export interface FlyImage {
  readonly id: string
  /** `sha256:…` */
  readonly digest: string
  readonly ref: string
  /** Of the image's own configuration; empty when Fly does not tell them. */
  readonly labels: Readonly<Record<string, string>>
}

/** Docker keeps labels under `config.Labels`; some answers show the inner object. */
const imageConfig = z
  .looseObject({ Labels: texts, config: z.looseObject({ Labels: texts }).optional().catch(undefined) })
  .nullish()
  .catch(undefined)

export const imageNode = z
  .looseObject({ id: text, digest: text, ref: text, config: imageConfig })
  .transform((image): FlyImage => ({
    id: image.id ?? '',
    digest: image.digest ?? '',
    ref: image.ref ?? '',
    labels: { ...image.config?.config?.Labels, ...image.config?.Labels },
  }))
