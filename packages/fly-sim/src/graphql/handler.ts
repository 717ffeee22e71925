import type { Json } from '@firebreak/core'
import { json, objectBody } from '../api/call.ts'
import type { Handler } from '../api/call.ts'
import { objectOf, textOf } from '../world/config.ts'
import type { World } from '../world/world.ts'
import { execute } from './execute.ts'
import { GraphqlSyntaxError, parseDocument } from './parse.ts'
import type { Document } from './parse.ts'
import { mutationRoot, queryRoot } from './root.ts'

/** Errors are answered with 200, as api.fly.io does. */
export function graphqlHandler(world: World): Handler {
  const parsed = new Map<string, Document>()
  return (call) => {
    const body = objectBody(call)
    const query = textOf(body['query'])
    try {
      const document = parsed.get(query) ?? parseDocument(query)
      if (parsed.size < 200) parsed.set(query, document)
      const name = textOf(body['operationName'])
      const operation = document.operations.find((it) => name === '' || it.name === name) ?? document.operations[0]
      if (operation === undefined || operation.kind === 'subscription') return failed('No operation to run')
      const root = operation.kind === 'mutation' ? mutationRoot(world, call) : queryRoot(world, call)
      const unknown = operation.selections.find((it) => it.kind === 'field' && !Object.hasOwn(root, it.name))
      if (operation.kind === 'mutation' && unknown?.kind === 'field')
        return failed(`Field '${unknown.name}' doesn't exist on type 'Mutations'`)
      const { data, errors } = execute(document, operation, root, objectOf(body['variables']) as Record<string, Json>)
      return json(errors.length === 0 ? { data } : { data, errors })
    } catch (error) {
      if (error instanceof GraphqlSyntaxError) return failed(error.message)
      throw error
    }
  }
}

function failed(message: string) {
  return json({ data: null, errors: [{ message, extensions: { code: 'GRAPHQL_PARSE_FAILED' } }] })
}
