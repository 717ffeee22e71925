import { InvalidInput } from '@firebreak/core'

/** Deeper than any event of ours; keeps `JSON.stringify` and every reader away from the end of the stack. */
const deepest = 64

/** Thrown by the fast pass, which does not know where it is; the slow pass then says so. */
const notJson = new Error('not JSON')

/**
 * A copy of `value` that equals what `JSON.parse(JSON.stringify(value))` would give, detached from the caller's object.
 * What JSON would silently change or drop (NaN, Date, Map, functions, holes) is refused with the field's path; properties
 * that are `undefined` are left out, as JSON does.
 */
export function copyJsonObject(value: unknown, field: string): object {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidInput(field, 'must be an object')
  try {
    return copyJson(value, 0) as object
  } catch (error) {
    if (error !== notJson) throw error
    throw explain(value, field, 0) ?? new InvalidInput(field, 'must be JSON')
  }
}

function copyJson(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) throw notJson
      // JSON has no negative zero.
      return value === 0 ? 0 : value
    case 'object':
      if (value === null) return null
      if (depth >= deepest) throw notJson
      return Array.isArray(value) ? copyArray(value, depth + 1) : copyObject(value, depth + 1)
    case 'undefined':
    case 'function':
    case 'symbol':
    case 'bigint':
      throw notJson
  }
}

function copyArray(value: readonly unknown[], depth: number): unknown[] {
  const copy: unknown[] = []
  for (const item of value) copy.push(copyJson(item, depth))
  return copy
}

function copyObject(value: object, depth: number): object {
  if (!isPlain(value)) throw notJson
  const copy: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    const kept = copyJson(item, depth)
    if (key === '__proto__')
      Object.defineProperty(copy, key, { value: kept, enumerable: true, configurable: true, writable: true })
    else copy[key] = kept
  }
  return copy
}

/** Made by a literal, by `JSON.parse` or without a prototype, in this realm or another; not an instance of a class. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null
}

function explain(value: unknown, field: string, depth: number): InvalidInput | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : new InvalidInput(field, `is ${value}, which JSON cannot hold`)
    case 'object':
      if (value === null) return undefined
      if (depth >= deepest)
        return new InvalidInput(field, `is nested deeper than ${deepest} levels, or contains itself`)
      return Array.isArray(value) ? explainArray(value, field, depth) : explainObject(value, field, depth)
    case 'undefined':
    case 'function':
    case 'symbol':
    case 'bigint':
      return new InvalidInput(field, `is of type ${typeof value}, which JSON cannot hold`)
  }
}

function explainArray(value: readonly unknown[], field: string, depth: number): InvalidInput | undefined {
  for (let index = 0; index < value.length; index += 1) {
    const problem = explain(value[index], `${field}[${index}]`, depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

function explainObject(value: object, field: string, depth: number): InvalidInput | undefined {
  if (!isPlain(value)) {
    const name: unknown = (value as { constructor?: { name?: unknown } }).constructor?.name
    return new InvalidInput(field, `is a ${String(name)}: turn it into plain JSON first`)
  }
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue
    const problem = explain(item, `${field}.${key}`, depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}
