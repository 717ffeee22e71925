import type * as z from 'zod'
import { InvalidInput } from '../errors.ts'

/** Deeper and wider than any of our shapes by far; what is beyond is an attack. */
const deepest = 16
const widest = 10_000
const polluting = new Set(['__proto__', 'constructor', 'prototype'])

/** Checks input against a schema; throws `INVALID_INPUT` with the path of the first field that is wrong. */
export function parseInput<T>(schema: z.ZodType<T>, input: unknown, what: string = 'input'): T {
  refuseHostile(input, [], what)
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new InvalidInput(pathOf(issue?.path ?? [], what), issue?.message ?? 'is not valid')
}

/** `symptoms[0].ratio`. Steps may come from outside: they are cut and kept on one line. */
function pathOf(path: readonly PropertyKey[], what: string): string {
  if (path.length === 0) return what
  const steps = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${printable(String(step))}`))
  return steps.join('').replace(/^\./, '')
}

function printable(step: string): string {
  return step.slice(0, 64).replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?')
}

/** `JSON.parse` makes own properties of these names; whoever copies such an object into another changes all objects. */
function refuseHostile(input: unknown, path: readonly PropertyKey[], what: string): void {
  if (typeof input !== 'object' || input === null) return
  if (path.length > deepest) throw new InvalidInput(pathOf(path, what), `is nested more than ${deepest} levels deep`)
  const entries = Object.entries(input)
  if (entries.length > widest) throw new InvalidInput(pathOf(path, what), `holds more than ${widest} entries`)
  for (const [key, value] of entries) {
    if (polluting.has(key)) throw new InvalidInput(pathOf(path, what), `holds a key named ${key}: leave it out`)
    refuseHostile(value, [...path, Array.isArray(input) ? Number(key) : key], what)
  }
}
