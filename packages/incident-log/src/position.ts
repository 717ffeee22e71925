import { InvalidInput } from '@firebreak/core'

/** Positions of our logs are whole numbers, written as text so that nobody computes with them. */
export function parsePosition(after: unknown): number {
  if (after === undefined) return 0
  const text = typeof after === 'string' ? after : typeof after
  if (text !== after || !/^\d{1,15}$/.test(text))
    throw new InvalidInput('after', `'${text}' is no position that readAll of this log gave`)
  return Number(text)
}
