import * as z from 'zod'
import { FlyUnexpectedAnswerError } from '../errors/kinds.ts'
import type { Answered } from './call.ts'
import type { About, FlyAnswer } from './http.ts'

/**
 * Reads are tolerant: unknown fields stay, unknown values pass, a missing or null field becomes its default.
 * Only what nothing can be done without is demanded.
 */
export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined)
export const number = z
  .number()
  .nullish()
  .catch(undefined)
  .transform((value) => value ?? undefined)
export const flag = z
  .boolean()
  .nullish()
  .catch(undefined)
  .transform((value) => value ?? undefined)

/** A JSON object, passed on as the very object that was parsed: nothing in it is lost or reordered. */
export const anyObject = z.custom<Readonly<Record<string, unknown>>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'expected an object',
)

/** Name → text, leaving out what is not text. */
export const texts = z
  .unknown()
  .optional()
  .transform((value): Readonly<Record<string, string>> => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
    return Object.fromEntries(
      Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    )
  })

/** Elements that cannot be read are dropped: one odd entry must not hide the others. */
export function listOf<T extends z.ZodType>(element: T) {
  return z
    .unknown()
    .optional()
    .transform((value): z.infer<T>[] =>
      Array.isArray(value)
        ? value.flatMap((item) => {
            const parsed = element.safeParse(item)
            return parsed.success ? [parsed.data] : []
          })
        : [],
    )
}

/** Reads an answer's data, or says where it was not what Fly's API answers. */
export function decode<T extends z.ZodType>(
  schema: T,
  { json, response, requestId }: FlyAnswer,
  about: About,
): Answered<z.infer<T>> {
  const parsed = schema.safeParse(json)
  if (parsed.success) return { data: parsed.data, response, requestId }
  const issue = parsed.error.issues[0]
  const place = issue === undefined || issue.path.length === 0 ? 'the answer' : issue.path.join('.')
  throw new FlyUnexpectedAnswerError(
    `${about.method} ${about.path}: ${place} is not what Fly's API answers (${issue?.message ?? 'unreadable'})`,
    { ...about, status: response.status, requestId },
  )
}
