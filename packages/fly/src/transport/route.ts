import { InvalidInput } from '@firebreak/core'

const appName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/
const identifier = /^[A-Za-z0-9_-]{1,64}$/

/** An app's or organization's name, as it may stand in a path, a query or a PromQL label. */
export function checkedName(value: string, field: string): string {
  if (typeof value !== 'string' || !appName.test(value))
    throw new InvalidInput(field, `${show(value)} is no Fly name (letters, digits and dashes, at most 63)`)
  return value
}

/** A machine, release, version or volume id: nothing in it can leave its place in a path. */
export function checkedId(value: string, field: string): string {
  if (typeof value !== 'string' || !identifier.test(value))
    throw new InvalidInput(field, `${show(value)} is no Fly id (letters and digits, at most 64)`)
  return value
}

/** A lease's nonce, as it may stand in a header. */
export function checkedNonce(value: string): string {
  if (typeof value !== 'string' || !/^[\u0021-\u007e]{1,256}$/.test(value))
    throw new InvalidInput('nonce', 'is no nonce of a lease')
  return value
}

/** A number within bounds; NaN and infinities are refused too. */
export function checkedNumber(value: number, field: string, min: number, max: number, whole = false): number {
  if (typeof value !== 'number' || !(value >= min && value <= max) || (whole && !Number.isInteger(value)))
    throw new InvalidInput(field, `must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}, not ${show(value)}`)
  return value
}

/** Free text that becomes one path segment: encoded, and never a way up. */
export function checkedSegment(value: string, field: string): string {
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..' || value.length > 256)
    throw new InvalidInput(field, `${show(value)} cannot stand in a path`)
  return encodeURIComponent(value)
}

/** Fills `{app}` and `{machine}` in. */
export function fillRoute(route: string, values: Readonly<Record<string, string>>): string {
  return route.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new InvalidInput(name, `is needed for ${route}`)
    return value
  })
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value)
}
