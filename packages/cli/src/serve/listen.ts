import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CliError } from '../failure.ts'

export type Handler = (request: Request) => Promise<Response>

export interface Listening {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** Serves a `Request → Response` handler on loopback. Slow senders are cut off; the handler bounds the bodies. */
export async function listen(handler: Handler, port: number): Promise<Listening> {
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000 })
  server.on('request', (incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch(() => outgoing.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(portError(error, port)))
    server.listen(port, '127.0.0.1', resolve)
  })
  const bound = (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export function portError(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new CliError('PORT_IN_USE', `port ${port} is in use: give another with --port, or 0 for a free one`)
  if (error.code === 'EACCES')
    return new CliError('PORT_IN_USE', `port ${port} may not be opened by this user: give one from 1024 on with --port`)
  return error
}

async function answer(handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const response = await handler(requestOf(incoming, outgoing))
  outgoing.writeHead(response.status, Array.from(response.headers).flat())
  if (response.body === null) outgoing.end()
  else await send(response.body, outgoing)
}

/** Each piece as it comes: an answer may be a stream without end. */
async function send(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader()
  const stop = () => void reader.cancel().catch(() => undefined)
  outgoing.once('close', stop)
  for (let piece = await reader.read(); !piece.done; piece = await reader.read())
    if (!outgoing.write(piece.value) && !outgoing.destroyed)
      await new Promise((resolve) => {
        outgoing.once('drain', resolve)
        outgoing.once('close', resolve)
      })
  outgoing.off('close', stop)
  outgoing.end()
}

function requestOf(incoming: IncomingMessage, outgoing: ServerResponse): Request {
  const headers = new Headers()
  for (let index = 0; index < incoming.rawHeaders.length; index += 2)
    headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '')
  const method = incoming.method ?? 'GET'
  // The name in `Host` is checked by the handler; what the socket listens on is ours.
  const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
  // What is posted is taken whether or not the sender waits; only who reads on and on is told that nobody listens any more.
  if (method !== 'GET' && method !== 'HEAD')
    return new Request(url, { method, headers, body: bodyOf(incoming, outgoing), duplex: 'half' })
  const ended = new AbortController()
  outgoing.once('close', () => ended.abort())
  return new Request(url, { method, headers, signal: ended.signal })
}

/** The bytes as they arrive, no faster than they are read. `Readable.toWeb` does the same at ten times the cost. */
function bodyOf(incoming: IncomingMessage, outgoing: ServerResponse): ReadableStream<Uint8Array> {
  let over = false
  function throwAway() {
    over = true
    incoming.removeAllListeners('data')
    incoming.resume()
  }
  // A body that nobody wanted to read must not keep the connection's next request waiting.
  outgoing.once('finish', throwAway)
  return new ReadableStream<Uint8Array>({
    start(controller) {
      incoming.on('data', (chunk: Uint8Array) => {
        controller.enqueue(chunk)
        if ((controller.desiredSize ?? 0) <= 0) incoming.pause()
      })
      incoming.once('end', () => {
        if (!over) controller.close()
        over = true
      })
      incoming.once('close', () => {
        if (!over) controller.error(new Error('the sender broke off'))
        over = true
      })
      // Breaking off is told by 'close', which follows.
      incoming.on('error', () => undefined)
    },
    pull() {
      if (!over) incoming.resume()
    },
    cancel: throwAway,
  })
}
