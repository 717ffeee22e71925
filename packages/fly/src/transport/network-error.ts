import type { FlyErrorDetails } from '../errors/fly-error.ts'
import { FlyNetworkError } from '../errors/kinds.ts'

/** Codes of Node and undici that mean: the request never left. */
const unsent = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** What a rejected `fetch` means. The cause is rebuilt from its words: an original may carry the request with its token. */
export function networkError(
  error: unknown,
  hide: (text: string) => string,
  details: FlyErrorDetails,
): FlyNetworkError {
  const chain = causes(error)
  const code = chain.map((it) => it.code).find((it) => it !== undefined)
  const words = hide(chain.at(-1)?.message ?? 'unknown reason')
  const where = `${details.method} ${details.path}`
  const ambiguous = !(code !== undefined && unsent.has(code))
  const message = `${where}: could not reach Fly (${[code, words].filter((it) => it !== undefined && it !== '').join(': ')})`
  const cause = new Error(hide(chain.map(({ name, message }) => `${name}: ${message}`).join(' ← ')))
  return new FlyNetworkError(message, { ...details, ambiguous, cause })
}

interface Link {
  readonly name: string
  readonly message: string
  readonly code: string | undefined
}

function causes(error: unknown): Link[] {
  const chain: Link[] = []
  for (let next: unknown = error; next instanceof Error && chain.length < 5; next = next.cause) {
    const code = (next as { code?: unknown }).code
    chain.push({ name: next.name, message: next.message, code: typeof code === 'string' ? code : undefined })
  }
  return chain
}
