import type { Json } from '@firebreak/core'
import { Refusal, refuse } from '../api/refusal.ts'
import type { Argument, Document, Operation, Selection } from './parse.ts'

export type Arguments = Readonly<Record<string, Json | undefined>>
/** A value, an object of fields, or a function of the arguments that gives one. What is missing is null. */
export type Field = unknown
export type FieldFunction = (args: Arguments) => unknown

export interface GraphqlError {
  readonly message: string
  readonly path: readonly (string | number)[]
  readonly extensions: Readonly<Record<string, Json>>
}

export interface Execution {
  readonly data: Record<string, unknown> | null
  readonly errors: readonly GraphqlError[]
}

/** A fragment that spreads itself would otherwise never end. */
const deepest = 60

/** Answers field by field and is tolerant: a field that the simulator does not have is null, not an error. */
export function execute(
  document: Document,
  operation: Operation,
  root: Readonly<Record<string, Field>>,
  given: Readonly<Record<string, Json>>,
): Execution {
  const variables: Record<string, Json> = { ...operation.defaults, ...given }
  const errors: GraphqlError[] = []

  function valueOf(argument: Argument): Json | undefined {
    if ('variable' in argument) return variables[argument.variable]
    if ('literal' in argument) return argument.literal
    if ('list' in argument) return argument.list.map((item) => valueOf(item) ?? null)
    return Object.fromEntries(Object.entries(argument.object).map(([name, inner]) => [name, valueOf(inner)]))
  }

  function wanted({ conditions }: Selection): boolean {
    return conditions.every(({ name, when }) => {
      const holds = valueOf(when) === true
      return name === 'skip' ? !holds : name === 'include' ? holds : true
    })
  }

  function select(
    source: Readonly<Record<string, Field>>,
    selections: readonly Selection[],
    path: readonly (string | number)[],
    into: Record<string, unknown>,
    depth: number,
  ) {
    if (depth > deepest) throw refuse(422, 'Query is nested too deeply')
    for (const selection of selections) {
      if (!wanted(selection)) continue
      if (selection.kind === 'inline') select(source, selection.selections, path, into, depth + 1)
      else if (selection.kind === 'spread')
        select(source, document.fragments.get(selection.fragment) ?? [], path, into, depth + 1)
      else {
        const at = [...path, selection.alias]
        try {
          const args = Object.fromEntries(
            Object.entries(selection.args).map(([name, argument]) => [name, valueOf(argument)]),
          )
          const field = own(source, selection.name)
          const value: unknown = typeof field === 'function' ? (field as FieldFunction)(args) : field
          into[selection.alias] = complete(value, selection.selections, at, into[selection.alias], depth)
        } catch (error) {
          if (!(error instanceof Refusal)) throw error
          into[selection.alias] = null
          errors.push({
            message: error.message,
            path: at,
            extensions: { code: error.word ?? (error.httpStatus === 404 ? 'NOT_FOUND' : 'UNPROCESSABLE') },
          })
        }
      }
    }
  }

  function complete(
    value: unknown,
    selections: readonly Selection[] | undefined,
    path: readonly (string | number)[],
    before: unknown,
    depth: number,
  ): unknown {
    if (value === undefined || value === null) return null
    if (Array.isArray(value))
      return value.map((item, index) => complete(item, selections, [...path, index], undefined, depth))
    if (selections === undefined || typeof value !== 'object') return value
    const into = typeof before === 'object' && before !== null ? (before as Record<string, unknown>) : bare()
    select(value as Record<string, Field>, selections, path, into, depth + 1)
    return into
  }

  const data = bare()
  select(root, operation.selections, [], data, 0)
  return { data, errors }
}

/** Without a prototype: a field may be called anything. */
function bare(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>
}

function own(source: Readonly<Record<string, Field>>, name: string): Field {
  return Object.hasOwn(source, name) ? source[name] : undefined
}
