import { InvalidInput } from './errors.ts'

/** Refuses what is not a number above 0; `Infinity` is one. A wait of NaN would be none, for ever. */
export function assertPositive(value: number, field: string): void {
  if (typeof value !== 'number' || !(value > 0)) throw new InvalidInput(field, `${String(value)} is no number above 0`)
}

/** Refuses what is not a number of at least 0; `Infinity` is one. */
export function assertNotNegative(value: number, field: string): void {
  if (typeof value !== 'number' || !(value >= 0))
    throw new InvalidInput(field, `${String(value)} is no number of at least 0`)
}
