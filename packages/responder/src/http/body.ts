import { InvalidInput, withDeadline, type Clock } from '@firebreak/core'
import { HttpProblem } from './problem.ts'

/** Larger bodies are refused before they are parsed. */
const mostBytes = 1_048_576

/** A sender that has not sent all by then, in milliseconds, keeps others from their turn. */
const slowestMs = 10_000

/** The JSON body of a request, bounded in size and time while it is read: a `Content-Length` may lie. */
export async function readJson(request: Request, clock: Clock): Promise<Record<string, unknown> | unknown[]> {
  const type = request.headers.get('content-type') ?? ''
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type))
    throw new HttpProblem({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', title: 'send application/json' })
  const text = await readBounded(request, clock)
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown> | unknown[]
  } catch {
    // Said below: the parser's own message quotes the body.
  }
  throw new InvalidInput('body', 'is not a JSON object or array')
}

async function readBounded(request: Request, clock: Clock): Promise<string> {
  const tooLarge = () =>
    new HttpProblem({ status: 413, code: 'BODY_TOO_LARGE', title: `the body is larger than ${mostBytes} bytes` })
  if (Number(request.headers.get('content-length') ?? 0) > mostBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of inTime(request, clock)) {
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

/** The pieces of a body, all of them within the time allowed. Whoever stops listening ends the reading. */
async function* inTime(request: Request, clock: Clock): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader()
  if (reader === undefined) return
  const deadline = withDeadline(clock, slowestMs)
  const late = new Promise<never>((_, reject) => {
    deadline.signal.addEventListener('abort', () => {
      const title = `the body did not arrive within ${slowestMs / 1_000} s`
      reject(new HttpProblem({ status: 408, code: 'BODY_TOO_SLOW', title }))
    })
  })
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late])
      if (done) return
      yield value
    }
  } finally {
    deadline.clear()
    void reader.cancel().catch(() => undefined)
  }
}
