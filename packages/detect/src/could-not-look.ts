import { DetectError } from './detect-error.ts'

/** What goes wrong on our side of the wire: no descriptors, no route, no resolver, no permission. */
const ours = new Set([
  'EACCES',
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'EPERM',
])

const sentences: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'breaks the connection off',
  ENOTFOUND: 'has no address: the name does not resolve',
  EHOSTUNREACH: 'cannot be reached',
  ETIMEDOUT: 'does not answer',
  UND_ERR_SOCKET: 'breaks the connection off',
  CERT_HAS_EXPIRED: 'has an expired certificate',
}

/** Says how the other side failed; throws `PROBE_BROKEN` when it was ours. */
export function couldNotLook(error: unknown, probe: string): string {
  const code = codeOf(error)
  const uncoded = sentenceWithoutCode(error)
  if (uncoded !== undefined) return uncoded
  if (code === undefined || ours.has(code) || /^(UND_)?ERR_(?!TLS|SSL|SOCKET|CONNECT_TIMEOUT|HEADERS|BODY)/.test(code))
    throw new DetectError(
      'PROBE_BROKEN',
      `${probe} could not look (${code ?? describe(error)}): check it, not the service`,
      error,
    )
  return sentences[code] ?? `fails (${code})`
}

/** fetch hides the system's code in `cause`, which may hold several errors, one an address. */
function codeOf(error: unknown): string | undefined {
  const { code, cause, errors } = (error ?? {}) as { code?: unknown; cause?: unknown; errors?: unknown }
  if (typeof code === 'string') return code
  if (Array.isArray(errors)) return codeOf(errors.at(-1))
  return cause === undefined ? undefined : codeOf(cause)
}

/** Failures of the other side that fetch gives no code. */
function sentenceWithoutCode(error: unknown): string | undefined {
  const cause = (error as { cause?: unknown } | null)?.cause
  if (!(cause instanceof Error)) return undefined
  if (cause.name === 'HTTPParserError') return 'does not speak HTTP'
  return cause.message.includes('redirect count') ? 'redirects in circles' : undefined
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error'
}
