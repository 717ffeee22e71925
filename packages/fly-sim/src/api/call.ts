import type { Json, JsonObject } from '@firebreak/core'
import type { App } from '../world/app.ts'
import type { Machine } from '../world/machine.ts'
import type { Caller } from '../world/tokens.ts'
import { refuse } from './refusal.ts'

/** One request, as the rooms of the API see it. */
export interface Call {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  header(name: string): string | undefined
  readonly body: string
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal | undefined
  /** What the route found in the path. */
  readonly params: Readonly<Record<string, string>>
  readonly operation: string
  readonly caller: Caller
}

export interface Answer {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The connection breaks in the middle of the body. */
  readonly cut?: boolean | undefined
}

export type Handler = (call: Call) => Answer | Promise<Answer>

export function json(body: unknown, status = 200): Answer {
  return { status, body: JSON.stringify(body) }
}

/** JSON that has been written before. */
export function written(body: string, status = 200): Answer {
  return { status, body }
}

export const empty = (status: number): Answer => ({ status, body: '' })

/** The body as a JSON object; nothing sent is an empty object. Refused in Go's words otherwise. */
export function objectBody(call: Call): JsonObject {
  if (call.body.trim() === '') return {}
  let parsed: Json
  try {
    parsed = parseKeeping(call.body)
  } catch {
    throw refuse(400, 'invalid character in request body, expected a JSON object')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw refuse(400, `json: cannot unmarshal ${Array.isArray(parsed) ? 'array' : typeof parsed} into Go value`)
  return parsed as JsonObject
}

/** Numbers that a double cannot hold come back as they were written: a config is stored, not understood. */
function parseKeeping(text: string): Json {
  if (!longNumber.test(text)) return JSON.parse(text) as Json
  const reviver = (_: string, value: unknown, context: { readonly source?: string }) =>
    typeof value === 'number' && context.source !== undefined && String(value) !== context.source
      ? native.rawJSON(context.source)
      : value
  return native.parse(text, reviver) as Json
}

const longNumber = /\d{16}|\d\.\d{15}/
/** In Node since 21; the type library does not have them yet. */
const native = JSON as unknown as {
  rawJSON(text: string): unknown
  parse(text: string, reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown): unknown
}

export function flag(call: Call, name: string): boolean {
  const value = call.query.get(name)
  return value !== null && value !== 'false' && value !== '0'
}

export interface Target {
  readonly app: App
  readonly machine: Machine
}
