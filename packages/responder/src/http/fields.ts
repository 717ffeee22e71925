import { InvalidInput, redactSecrets } from '@firebreak/core'

/** A text field of a body: there, a string, not empty, not endless. */
export function textField(body: Record<string, unknown>, field: string, longest = 2_000): string {
  const value = body[field]
  if (typeof value !== 'string' || value.trim() === '') throw new InvalidInput(field, 'is missing: give a text')
  if (value.length > longest) throw new InvalidInput(field, `is longer than ${longest} characters`)
  return redactSecrets(value)
}

export function optionalText(body: Record<string, unknown>, field: string, longest = 2_000): string | undefined {
  return body[field] === undefined ? undefined : textField(body, field, longest)
}
