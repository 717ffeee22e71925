import { DetectError } from '../detect-error.ts'

export interface Series {
  readonly labels: Readonly<Record<string, string>>
  /** Never NaN or infinite: such a sample says nothing and is left out. */
  readonly value: number
}

interface Answer {
  readonly status?: unknown
  readonly error?: unknown
  readonly errorType?: unknown
  readonly data?: { readonly resultType?: unknown; readonly result?: unknown }
}

/** Reads the answer of `/api/v1/query`: a vector, or a scalar as one series without labels. */
export function parseVector(body: string, origin: string): readonly Series[] {
  const answer = parseJson(body, origin)
  if (answer.status === 'error') {
    const why = `${word(answer.errorType)}: ${word(answer.error)}`.slice(0, 300)
    throw new DetectError('PROMETHEUS_QUERY_FAILED', `${origin} could not run the query: ${why}`)
  }
  const result = answer.data?.result
  if (answer.status !== 'success' || !Array.isArray(result)) throw unreadable(origin, 'no result in it')
  if (answer.data?.resultType === 'scalar') return [{ labels: {}, value: sample(result, origin) }].filter(finite)
  if (answer.data?.resultType !== 'vector')
    throw unreadable(origin, `a ${word(answer.data?.resultType).slice(0, 20)} where a vector is needed`)
  return result.map((entry: unknown) => series(entry, origin)).filter(finite)
}

function parseJson(body: string, origin: string): Answer {
  try {
    const parsed: unknown = JSON.parse(body)
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed
  } catch {
    // Falls through: a cut answer and a login page are the same to us.
  }
  throw unreadable(origin, `it begins with ${JSON.stringify(body.slice(0, 40))}`)
}

function series(entry: unknown, origin: string): Series {
  const { metric, value } = (entry ?? {}) as { metric?: unknown; value?: unknown }
  const labels = Object.fromEntries(
    Object.entries((metric ?? {}) as Record<string, unknown>).map(([name, text]) => [name, String(text)]),
  )
  return { labels, value: sample(value, origin) }
}

/** `[timestamp, "text"]`. */
function sample(value: unknown, origin: string): number {
  const text: unknown = Array.isArray(value) ? value[1] : undefined
  if (typeof text !== 'string' || text === '') throw unreadable(origin, 'a sample without a value')
  if (/^[+-]?Inf$|^NaN$/.test(text)) return Number.NaN
  const figure = Number(text)
  if (Number.isNaN(figure)) throw unreadable(origin, `"${text.slice(0, 40)}" is not a number`)
  return figure
}

const finite = ({ value }: Series) => Number.isFinite(value)

function word(value: unknown): string {
  return typeof value === 'string' ? value : 'nothing said'
}

function unreadable(origin: string, why: string): DetectError {
  return new DetectError('PROMETHEUS_UNREADABLE', `${origin} does not answer as Prometheus does: ${why}`)
}
