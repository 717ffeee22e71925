import * as z from 'zod'
import { FlyForbiddenError, FlyGraphqlError, FlyNotFoundError, FlyUnauthorizedError } from '../errors/kinds.ts'
import type { FlyError } from '../errors/fly-error.ts'
import type { Answered, CallOptions } from './call.ts'
import type { Http } from './http.ts'
import { decode } from './schema.ts'

/** A question to `POST /graphql`. */
export interface GraphqlQuestion<Data extends z.ZodType> {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
  readonly data: Data
  /** Changes something: then it is not repeated when its answer was lost. */
  readonly mutation?: boolean | undefined
}

const about = { method: 'POST', path: '/graphql' }

const errorSchema = z.looseObject({
  message: z.string().catch('unknown error'),
  extensions: z
    .looseObject({ code: z.string().nullish().catch(undefined) })
    .nullish()
    .catch(undefined),
})

/** Errors come with 200; the first one counts. */
export async function askGraphql<Data extends z.ZodType>(
  http: Http,
  { query, variables, data, mutation = false }: GraphqlQuestion<Data>,
  options: CallOptions = {},
): Promise<Answered<z.infer<Data>>> {
  const answer = await http.send(
    {
      service: 'graphql',
      method: 'POST',
      route: '/graphql',
      repeat: mutation ? 'unsent' : 'always',
      body: { query: query.replaceAll(/\s+/g, ' ').trim(), variables },
    },
    options,
  )
  const envelope = z.looseObject({ errors: z.array(errorSchema).nullish(), data: z.unknown().optional() })
  const { errors, data: found } = decode(envelope, answer, about).data
  const first = errors?.[0]
  if (first !== undefined)
    throw graphqlError(http.settings.hide(first.message), first.extensions?.code ?? undefined, answer.requestId)
  return decode(data, { ...answer, json: found }, about)
}

function graphqlError(said: string, code: string | undefined, requestId: string | undefined): FlyError {
  const details = { ...about, status: 200, requestId }
  const message = `GraphQL: ${said.slice(0, 300).replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')}`
  if (code === 'NOT_FOUND' || /could not find/i.test(said)) return new FlyNotFoundError(message, details)
  if (code === 'UNAUTHORIZED' || /not authorized|unauthorized|must be authenticated/i.test(said))
    return code === 'UNAUTHORIZED'
      ? new FlyUnauthorizedError(message, details)
      : new FlyForbiddenError(message, details)
  return new FlyGraphqlError(message, { ...details, graphqlCode: code })
}
