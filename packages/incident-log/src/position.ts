import { InvalidInput, type Position } from '@firebreak/core'

/** Positions of our logs are whole numbers, written as text so that nobody computes with them. */
export function parsePosition(after: Position | undefined): number {
  if (after === undefined) return 0
  const position = /^\d{1,15}$/.test(after) ? Number(after) : Number.NaN
  if (Number.isNaN(position)) throw new InvalidInput('after', `'${after}' is no position that readAll of this log gave`)
  return position
}
