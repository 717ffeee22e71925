import { InvalidInput } from '@firebreak/core'
import type * as z from 'zod'

/** Checks a parsed body against a schema; what does not fit is refused with the path of the field. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = (issue?.path ?? []).map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  throw new InvalidInput(path === '' ? 'body' : path.replace(/^\./, ''), issue?.message ?? 'is not what was expected')
}
