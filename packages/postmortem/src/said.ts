import { formatNumber, oneLine, redact } from '@firebreak/core'

/**
 * Recorded data as it may really be: written by an older version, by other hands, or partly missing. Readers say "unknown"
 * for what is not there, never 0 and never "undefined".
 */
export type Loose<T> = T extends readonly (infer Item)[]
  ? readonly Loose<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Loose<T[Key]> | undefined }
    : T

/** One line of plain text without secrets, addresses, control or direction characters. Not escaped for any markup. */
export function said(value: unknown, limit = 200): string {
  if (typeof value === 'number') return Number.isFinite(value) ? formatNumber(value) : 'unknown'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (value === undefined || value === null || value === '') return 'unknown'
  if (typeof value === 'string') return redact(oneLine(value, limit)) || 'unknown'
  return redact(oneLine(JSON.stringify(value), limit))
}

/** The parts that are there, joined. */
export function sentence(parts: readonly (string | false | undefined)[], separator = ', '): string {
  return parts.filter((part) => typeof part === 'string' && part !== '').join(separator)
}

/** The prefix and the value, when there is one. */
export function when(value: unknown, prefix: string, suffix = ''): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : `${prefix}${said(value)}${suffix}`
}

export function items<T>(list: readonly T[] | undefined): readonly T[] {
  return Array.isArray(list) ? list : []
}

/** A count with its thousands apart: 1,212. */
export function counted(value: number | null | undefined): string {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'unknown'
  return String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${counted(count)} ${count === 1 ? one : many}`
}

/** A short name for an image that is still recognised: twelve digits of its digest, else the last part of its name. */
export function imageName(image: unknown): string {
  const name = said(image)
  const digest = /(?:@|sha256:)([0-9a-f]{12})[0-9a-f]{20,}$/i.exec(name)?.[1]
  return digest ?? name.slice(name.lastIndexOf('/') + 1)
}
