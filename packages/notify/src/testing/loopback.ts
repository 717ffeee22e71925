import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as it arrived. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What to answer; `drop` closes the connection instead, `hang` never answers. */
export interface LoopbackAnswer {
  readonly status?: number | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: string | undefined
  readonly ends?: 'drop' | 'hang' | undefined
}

export interface Loopback {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string
  /** In order of arrival. */
  readonly requests: readonly SeenRequest[]
  close(): Promise<void>
}

/** An HTTP server on loopback that keeps what it was sent and answers what it is told. */
export async function startLoopback(
  answer: (request: SeenRequest, number: number) => LoopbackAnswer | Promise<LoopbackAnswer>,
): Promise<Loopback> {
  const requests: SeenRequest[] = []

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const request: SeenRequest = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.concat(chunks).toString('utf8'),
    }
    requests.push(request)
    const { status = 200, headers = {}, body = '', ends } = await answer(request, requests.length)
    if (ends === 'hang') return
    if (ends === 'drop') {
      if (body === '') return void incoming.socket.destroy()
      response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body) + 1_000) })
      response.write(body, () => incoming.socket.destroy())
      return
    }
    response.writeHead(status, headers).end(body)
  }

  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => incoming.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
