import { createServer as createHttpServer } from 'node:http'
import type { IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Answer } from '../api/call.ts'
import type { Server } from '../api/server.ts'

export interface Listening {
  readonly url: string
  /** Destroys every connection. */
  close(): Promise<void>
}

/** Requests beyond this are refused: nobody's machine config is so long. */
const longestBody = 8 * 1024 * 1024

/** A server on loopback; port 0 is any free one. */
export function listenOnLoopback(server: HttpServer, port: number): Promise<Listening> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject)
      const { port: bound } = server.address() as AddressInfo
      resolve({ url: `http://127.0.0.1:${bound}`, close: () => closeServer(server) })
    })
  })
}

export function closeServer(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** All of Fly's APIs on one origin. */
export function listenApi(server: Server, port: number): Promise<Listening> {
  return listenOnLoopback(
    createHttpServer((request, response) => {
      respond(server, request, response).catch(() => {
        if (!response.headersSent) response.writeHead(500, { 'content-type': 'application/json' })
        response.end('{"error":"internal: the simulator failed"}')
      })
    }),
    port,
  )
}

async function respond(server: Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const body = await readBody(request)
  if (body === undefined) {
    response
      .writeHead(413, { 'content-type': 'application/json', connection: 'close' })
      .end('{"error":"request body too large"}')
    return
  }
  const target = request.url ?? '/'
  const mark = target.indexOf('?')
  const answer = await server.handle({
    method: request.method ?? 'GET',
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    header: (name) => {
      const value = request.headers[name]
      return Array.isArray(value) ? value[0] : value
    },
    body,
    signal: gone.signal,
  })
  if (answer === undefined) request.socket.destroy()
  else if (!response.destroyed) write(response, answer)
}

function write(response: ServerResponse, { status, headers, body, cut }: Answer) {
  if (cut !== true) {
    response.writeHead(status, headers).end(body)
    return
  }
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.write(body.slice(0, body.length / 2), () => response.destroy())
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > longestBody) return undefined
      chunks.push(chunk)
    }
  } catch {
    return ''
  }
  return Buffer.concat(chunks).toString('utf8')
}
