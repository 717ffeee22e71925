import type { Route } from './router.ts'

/** The interface as an OpenAPI 3.1 document, made from the routes that serve it: the two cannot drift apart. */
export function openApiOf(routes: readonly Route[], publicUrl: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
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

function operationOf({ method, path, scope, signed, summary }: Route): object {
  const names = Array.from(path.matchAll(/:(\w+)/g), ([, name]) => name)
  const problem = {
    description: 'A problem',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  return {
    summary,
    operationId: `${method.toLowerCase()}${path.replace(/[/:_-](\w)/g, (_, letter: string) => letter.toUpperCase()).replace(/\W/g, '')}`,
    ...(names.length > 0
      ? { parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })) }
      : {}),
    ...(method === 'POST' ? { requestBody: { required: true, content: { 'application/json': { schema: {} } } } } : {}),
    ...(scope !== undefined && signed !== true
      ? { security: [{ token: [] }], description: `Needs the scope ${scope}.` }
      : {}),
    responses: { '200': { description: 'Done' }, '4XX': problem, '503': problem },
  }
}
