import { InvalidInput } from '@firebreak/core'
import { HttpProblem } from './problem.ts'

/** Larger bodies are refused before they are parsed. */
const mostBytes = 1_048_576

/** The JSON body of a request, bounded while it is read: a `Content-Length` may lie. */
export async function readJson(request: Request): Promise<Record<string, unknown> | unknown[]> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type))
    throw new HttpProblem({ status: 415, code: 'WRONG_CONTENT_TYPE', title: 'send application/json' })
  const text = await readBounded(request)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown> | unknown[]
  } catch {
    // Said below: the parser's own message quotes the body.
  }
  throw new InvalidInput('body', 'is not a JSON object or array')
}

async function readBounded(request: Request): Promise<string> {
  const tooLarge = () =>
    new HttpProblem({ status: 413, code: 'BODY_TOO_LARGE', title: `the body is larger than ${mostBytes} bytes` })
  if (Number(request.headers.get('content-length') ?? 0) > mostBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > mostBytes) throw tooLarge()
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
  } catch {
    throw new InvalidInput('body', 'is not UTF-8')
  }
}
