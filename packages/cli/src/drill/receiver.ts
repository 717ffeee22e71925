import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One page that the manager's webhook got. */
export interface Received {
  readonly at: number
  readonly id: string
  readonly signatureOk: boolean
  readonly body: Record<string, unknown>
}

/** The other end of the manager's webhook: checks each signature over the raw body before it believes a word. */
export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
  close(): Promise<void>
}

const mostBytes = 1_048_576

export async function startReceiver(secret: string, now: () => number): Promise<Receiver> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    take(request).then(
      (page) => {
        if (page.signatureOk) received.push(page)
        response.writeHead(page.signatureOk ? 204 : 401).end()
      },
      () => response.writeHead(400).end(),
    )
  })

  async function take(request: IncomingMessage): Promise<Received> {
    const raw = await readAll(request)
    const id = String(request.headers['webhook-id'] ?? '')
    const timestamp = String(request.headers['webhook-timestamp'] ?? '')
    const signatureOk = verify(secret, id, timestamp, raw, String(request.headers['webhook-signature'] ?? ''))
    return { at: now(), id, signatureOk, body: JSON.parse(raw.toString('utf8')) as Record<string, unknown> }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/pages`,
    received,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostBytes) throw new Error('too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** Standard Webhooks 1.0.0: base64 HMAC-SHA256 over `id.timestamp.body`; several signatures may stand side by side. */
function verify(secret: string, id: string, timestamp: string, body: Buffer, header: string): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  return header.split(' ').some((entry) => {
    const [version, given = ''] = entry.split(',')
    const digest = Buffer.from(given, 'base64')
    return version === 'v1' && digest.length === expected.length && timingSafeEqual(digest, expected)
  })
}
