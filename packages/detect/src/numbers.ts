import { InvalidInput } from '@firebreak/core'

/** A finite number in a range, or a refusal that names the field. */
export function numberIn(value: number, field: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least || value > most)
    throw new InvalidInput(field, `must be a number ${range(least, most)}, got ${show(value)}`)
  return value
}

export function wholeIn(value: number, field: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isInteger(numberIn(value, field, least, most)))
    throw new InvalidInput(field, `must be a whole number, got ${value}`)
  return value
}

function range(least: number, most: number): string {
  const from = least === Number.MIN_VALUE ? 'above 0' : `from ${least}`
  return most === Number.MAX_SAFE_INTEGER ? `${from}${least === Number.MIN_VALUE ? '' : ' up'}` : `${from} to ${most}`
}

function show(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, 40)
}
