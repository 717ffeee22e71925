import type { Handler } from './call.ts'

/** Whose manners an answer follows: each of Fly's APIs writes errors in its own way. */
export type Surface = 'machines' | 'rest' | 'graphql' | 'logs' | 'prometheus' | 'statuspage' | 'sim'

export interface Route {
  readonly operation: string
  readonly surface: Surface
  /** Answered without a token. */
  readonly open: boolean
  readonly handler: Handler
}

export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

interface Node {
  readonly fixed: Map<string, Node>
  parameter: { readonly name: string; readonly node: Node } | undefined
  readonly methods: Map<string, Route>
}

export interface Router {
  /** `/v1/apps/{app}/machines`; a method of `*` takes any. */
  add(method: string, pattern: string, route: Route): void
  find(method: string, path: string): Match | undefined
}

export function createRouter(): Router {
  const root = createNode()
  return {
    add(method, pattern, route) {
      let node = root
      for (const part of pattern.split('/').slice(1)) {
        const name = /^\{(\w+)\}$/.exec(part)?.[1]
        if (name === undefined) {
          const next = node.fixed.get(part) ?? createNode()
          node.fixed.set(part, next)
          node = next
        } else {
          node.parameter ??= { name, node: createNode() }
          node = node.parameter.node
        }
      }
      node.methods.set(method, route)
    },
    find(method, path) {
      const parts = (path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path).split('/').slice(1)
      const params: Record<string, string> = {}
      let node = root
      for (const part of parts) {
        const fixed = node.fixed.get(part)
        if (fixed !== undefined) {
          node = fixed
          continue
        }
        if (node.parameter === undefined || part === '') return undefined
        params[node.parameter.name] = decode(part)
        node = node.parameter.node
      }
      const route = node.methods.get(method) ?? node.methods.get('*')
      return route === undefined ? undefined : { route, params }
    },
  }
}

function createNode(): Node {
  return { fixed: new Map(), parameter: undefined, methods: new Map() }
}

function decode(part: string): string {
  if (!part.includes('%')) return part
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
