import type { HttpOptions } from './options.ts'
import type { Route } from './router.ts'

/** The interface as an OpenAPI 3.1 document, made from the routes that serve it: the two cannot drift apart. */
export function openApiOf(routes: readonly Route[], { publicUrl, open }: HttpOptions): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, open === true) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Firebreak responder', version: '1' },
    servers: [{ url: publicUrl }],
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      schemas: {
        Problem: {
          type: 'object',
          required: ['title', 'status', 'code'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            code: { type: 'string' },
            detail: { type: 'string' },
          },
        },
      },
    },
    paths,
  }
}

function operationOf({ method, path, scope, signed, summary, described = {} }: Route, open: boolean): object {
  const { statuses = [200], type = 'application/json', query = {}, body = {} } = described
  const parameters = [
    ...Array.from(path.matchAll(/:(\w+)/g), ([, name]) => ({
      name,
      in: 'path',
      required: true,
      description: 'A code (7K42), a service (its newest incident), or a stream (incident/shop/3)',
      schema: { type: 'string' },
    })),
    ...Object.entries(query).map(([name, schema]) => ({ name, in: 'query', required: false, schema })),
  ]
  const problem = {
    description: 'A problem',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  const schema = type === 'application/json' ? { type: 'object' } : { type: 'string' }
  return {
    summary,
    operationId: `${method.toLowerCase()}${path.replace(/[/:_-](\w)/g, (_, letter: string) => letter.toUpperCase()).replace(/\W/g, '')}`,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(method === 'POST'
      ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } }
      : {}),
    ...(scope !== undefined && signed !== true && !open
      ? { security: [{ token: [] }], description: `Needs the scope ${scope}.` }
      : {}),
    responses: {
      ...Object.fromEntries(
        statuses.map((status) => [status, { description: 'Done', content: { [type]: { schema } } }]),
      ),
      '4XX': problem,
      '503': problem,
    },
  }
}
