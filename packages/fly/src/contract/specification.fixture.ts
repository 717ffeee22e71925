import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'

type Json = Record<string, unknown>

/** One request and its answer, as they crossed the wire. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  readonly body: unknown
  readonly status: number
  readonly answer: unknown
}

/** Something that the specification does not say. */
export interface Deviation {
  /** 'get /apps/{app_name}/machines' */
  readonly operation: string
  readonly part: 'request' | 'query' | 'status' | 'answer'
  readonly detail: string
}

interface Operation {
  readonly name: string
  readonly path: RegExp
  readonly method: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema?: Json }[]
  readonly requestBody?: Json
  readonly responses: Readonly<Record<string, Json>>
}

/**
 * Holds exchanges against an OpenAPI 3.0 document, more strictly than it is written: a property that an object schema does
 * not list is a deviation too (nearly every field is optional, so that little else could fail).
 */
export function specification(document: Json) {
  const strict = closed(document) as Json
  const ajv = new Ajv({ strict: false, allErrors: true, schemas: [{ ...strict, $id: 'fly' }] })
  const operations = operationsOf(strict)
  const compiled = new Map<Json, ValidateFunction>()

  function validate(schema: Json, value: unknown): readonly ErrorObject[] {
    const check = compiled.get(schema) ?? ajv.compile(absolute(schema) as Json)
    compiled.set(schema, check)
    return check(value) ? [] : [...(check.errors ?? [])]
  }

  return {
    operations: operations.map(({ name }) => name),
    /** Which operation an exchange used; `undefined` when the document has none. */
    operationOf: (exchange: Exchange): string | undefined => find(operations, exchange)?.name,
    deviations(exchange: Exchange): readonly Deviation[] {
      const operation = find(operations, exchange)
      if (operation === undefined)
        return [{ operation: `${exchange.method} ${exchange.path}`, part: 'request', detail: 'no such operation' }]
      const told = (part: Deviation['part'], detail: string): Deviation => ({ operation: operation.name, part, detail })
      const body = schemaIn(operation.requestBody)
      const response = operation.responses[String(exchange.status)]
      const answer = schemaIn(response)
      return [
        ...(exchange.body === undefined || body === undefined
          ? []
          : validate(body, exchange.body).map((error) => told('request', describe(error)))),
        ...(exchange.body !== undefined && body === undefined
          ? [told('request', 'a body where none is described')]
          : []),
        ...exchange.query.flatMap(([name, value]) =>
          queryErrors(operation, name, value).map((detail) => told('query', detail)),
        ),
        ...(response === undefined ? [told('status', String(exchange.status))] : []),
        ...(answer === undefined
          ? []
          : validate(answer, exchange.answer).map((error) => told('answer', describe(error)))),
      ]
    },
  }

  function queryErrors(operation: Operation, name: string, value: string): readonly string[] {
    const parameter = operation.parameters.find((it) => it.in === 'query' && it.name === name)
    if (parameter === undefined) return [`${name} is not described`]
    const type = parameter.schema?.['type']
    const typed = type === 'boolean' ? value === 'true' : type === 'integer' ? Number(value) : value
    return validate(parameter.schema ?? {}, typed).map((error) => `${name} ${describe(error)}`)
  }
}

function find(operations: readonly Operation[], { method, path }: Exchange): Operation | undefined {
  return operations.find((operation) => operation.method === method && operation.path.test(path))
}

function operationsOf(document: Json): readonly Operation[] {
  const paths = document['paths'] as Record<string, Record<string, Operation>>
  return Object.entries(paths)
    .toSorted(([one], [other]) => one.split('{').length - other.split('{').length)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        name: `${method} ${path}`,
        method: method.toUpperCase(),
        path: new RegExp(`^/v1${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
        parameters: operation.parameters ?? [],
        ...(operation.requestBody === undefined ? {} : { requestBody: operation.requestBody }),
        responses: operation.responses,
      })),
    )
}

function schemaIn(part: Json | undefined): Json | undefined {
  const content = part?.['content'] as Record<string, { schema?: Json }> | undefined
  return content?.['application/json']?.schema
}

/** No property but the listed ones. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [key, closed(item)] as const)
  const copy = Object.fromEntries(entries)
  const isSchema = typeof copy['properties'] === 'object' && copy['type'] === 'object'
  return isSchema && copy['additionalProperties'] === undefined ? { ...copy, additionalProperties: false } : copy
}

/** '#/components/…' → 'fly#/components/…' */
function absolute(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(absolute)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) =>
      key === '$ref' && typeof item === 'string' && item.startsWith('#') ? [key, `fly${item}`] : [key, absolute(item)],
    ),
  )
}

function describe({ instancePath, message, params }: ErrorObject): string {
  const property = 'additionalProperty' in params ? ` ${String(params['additionalProperty'])}` : ''
  return `${instancePath.replaceAll(/\/\d+/g, '/*')}${property}: ${message ?? ''}`
}
