import { request as httpRequest } from 'node:http'
import type { Agent, IncomingMessage } from 'node:http'

export type Forwarded =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly headers: Readonly<Record<string, string | string[] | undefined>>
      readonly body: Buffer
    }
  /** The machine did not take the request: another one may be asked. */
  | { readonly kind: 'refused' }
  /** The machine took the request and broke off: what it did is not known. */
  | { readonly kind: 'broken' }

/** Passes one request on to a machine and brings its answer back whole. */
export function forward(agent: Agent, port: number, request: IncomingMessage, body: Buffer): Promise<Forwarded> {
  return new Promise((resolve) => {
    const { connection: _, 'transfer-encoding': __, ...headers } = request.headers
    const outgoing = httpRequest(
      {
        host: '127.0.0.1',
        port,
        method: request.method,
        path: request.url,
        headers: { ...headers, 'content-length': body.length },
        agent,
      },
      (incoming) => {
        collect(incoming).then(
          (answered) =>
            resolve({
              kind: 'answered',
              status: incoming.statusCode ?? 502,
              headers: incoming.headers,
              body: answered,
            }),
          () => resolve({ kind: 'broken' }),
        )
      },
    )
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      resolve({ kind: error.code === 'ECONNREFUSED' ? 'refused' : 'broken' })
    })
    outgoing.end(body)
  })
}

export async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}
