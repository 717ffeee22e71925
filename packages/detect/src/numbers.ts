import { InvalidInput } from '@firebreak/core'

/** A finite number in a range, or a refusal that names the field. */
export function numberIn(value: number, field: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least || value > most)
    throw new InvalidInput(field, `must be a number from ${least} to ${most}, got ${String(value).slice(0, 40)}`)
  return value
}

export function wholeIn(value: number, field: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isInteger(numberIn(value, field, least, most)))
    throw new InvalidInput(field, `must be a whole number, got ${value}`)
  return value
}
