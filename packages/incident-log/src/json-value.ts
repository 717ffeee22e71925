import { InvalidInput } from '@firebreak/core'

/** Deeper than any event of ours; keeps `JSON.stringify` and every reader away from the end of the stack. */
const deepest = 64

/** What becomes of a value in JSON: nothing, a change that JSON defines (an undefined property, -0), or no JSON at all. */
type Fidelity = 'same' | 'changed' | 'none'

/** An object as the bytes that are stored, and as readers will get it back. */
export interface JsonText {
  readonly bytes: string
  /** The caller's own object where it comes back the same; else what `bytes` parse to. */
  readonly data: object
}

/**
 * Undefined for what JSON would silently change or drop: NaN, Date, Map, functions, holes. Properties that are `undefined`
 * are left out, as JSON does.
 */
export function toJsonText(value: unknown): JsonText | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const fidelity = fidelityOf(value, 0)
  if (fidelity === 'none') return undefined
  const bytes = JSON.stringify(value)
  return { bytes, data: fidelity === 'same' ? value : (JSON.parse(bytes) as object) }
}

/** What is wrong with a value of which `toJsonText` makes nothing, and where. */
export function explainNotJson(value: unknown, field: string): InvalidInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new InvalidInput(field, 'must be an object')
  return explain(value, field, 0) ?? new InvalidInput(field, 'must be JSON')
}

/** The fast pass, over every event: it does not know where it is. `explainNotJson` then says so. */
function fidelityOf(value: unknown, depth: number): Fidelity {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return 'same'
    case 'number':
      if (!Number.isFinite(value)) return 'none'
      return Object.is(value, -0) ? 'changed' : 'same'
    case 'object':
      if (value === null) return 'same'
      if (depth >= deepest) return 'none'
      return Array.isArray(value) ? fidelityOfArray(value, depth + 1) : fidelityOfObject(value, depth + 1)
    case 'undefined':
    case 'function':
    case 'symbol':
    case 'bigint':
      return 'none'
  }
}

function fidelityOfArray(value: readonly unknown[], depth: number): Fidelity {
  let all: Fidelity = 'same'
  for (let index = 0; index < value.length; index += 1) {
    const one = fidelityOf(value[index], depth)
    if (one === 'none') return one
    if (one === 'changed') all = one
  }
  return all
}

function fidelityOfObject(value: object, depth: number): Fidelity {
  if (!isPlain(value)) return 'none'
  // One without a prototype, or of another realm, comes back with ours.
  let all: Fidelity = Object.getPrototypeOf(value) === Object.prototype ? 'same' : 'changed'
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key]
    const one = item === undefined ? 'changed' : fidelityOf(item, depth)
    if (one === 'none') return one
    if (one === 'changed') all = one
  }
  return all
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
