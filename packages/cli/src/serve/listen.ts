import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Answer } from '@firebreak/responder'
import { CliError } from '../failure.ts'
import { requestOf } from './light-request.ts'

export type Handler = (request: Request) => Promise<Response | Answer>

export interface Listening {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** Serves a `Request → Response` handler on loopback. Slow senders are cut off; the handler bounds the bodies. */
export async function listen(handler: Handler, port: number): Promise<Listening> {
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 30_000,
    keepAliveTimeout: 5_000,
    // How often the two above are looked at; Node's own 30 s would double them.
    connectionsCheckingInterval: 5_000,
  })
  server.on('request', inOneBreath(handler))
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

/**
 * What arrives in one breath is handled together: then the alerts of many senders share an append, and a body that came with
 * its headers is here too. A breath is the current turn; among many senders it lasts while turns bring more, for an append
 * costs more than many turns.
 */
function inOneBreath(handler: Handler): (incoming: IncomingMessage, outgoing: ServerResponse) => void {
  let arrived: (readonly [IncomingMessage, ServerResponse])[] = []
  let seen = 0
  let quiet = 0
  let together = 1
  function look() {
    quiet = arrived.length > seen ? 0 : quiet + 1
    seen = arrived.length
    if (together > 1 && quiet < quietTurns && seen < mostTogether) endOfTurn(look)
    else handleAll()
  }
  function handleAll() {
    const requests = arrived
    together = requests.length
    arrived = []
    seen = 0
    quiet = 0
    for (const [incoming, outgoing] of requests) answer(handler, incoming, outgoing).catch(() => giveUp(outgoing))
  }
  return function arrive(incoming, outgoing) {
    if (arrived.push([incoming, outgoing]) === 1) endOfTurn(look)
  }
}

/** No answer could be made, as for an address that is none: said in the form of every other refusal. */
function giveUp(outgoing: ServerResponse): void {
  if (outgoing.headersSent) {
    outgoing.destroy()
    return
  }
  const problem = { type: 'about:blank', title: 'this request cannot be read', status: 400, code: 'BAD_REQUEST' }
  outgoing.writeHead(400, { 'content-type': 'application/problem+json', connection: 'close' })
  outgoing.end(JSON.stringify(problem))
}

/** Turns without a new request after which no more are waited for: some microseconds each. */
const quietTurns = 6
const mostTogether = 256

/** setImmediate is no clock: it is the end of the current turn. */
function endOfTurn(work: () => void): void {
  setImmediate(work) // oxlint-disable-line house/clock-port -- as said
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
  // A body that nobody wanted to read must not keep the connection's next request waiting.
  outgoing.once('finish', () => incoming.resume())
  if (typeof response.body === 'string') {
    const { status, type, body } = response as Answer
    outgoing.writeHead(status, ['content-type', type, 'content-length', String(Buffer.byteLength(body))])
    outgoing.end(body)
    return
  }
  outgoing.writeHead(response.status, Array.from((response as Response).headers).flat())
  if (response.body === null) outgoing.end()
  else await send(response.body, outgoing)
}

/** Each piece as it comes: an answer may be a stream without end. */
async function send(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader()
  const stop = () => void reader.cancel().catch(() => undefined)
  outgoing.once('close', stop)
  // It may break off while this waits for a reader that does not read: then nobody waits any more.
  reader.closed.catch(() => outgoing.destroy())
  for (let piece = await reader.read(); !piece.done; piece = await reader.read())
    if (!outgoing.write(piece.value) && !outgoing.destroyed) await drained(outgoing)
  outgoing.off('close', stop)
  outgoing.end()
}

/** Until there is room again, or nobody to write to. Of its two listeners none stays: a stream waits many times. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    function go() {
      outgoing.off('drain', go)
      outgoing.off('close', go)
      resolve()
    }
    outgoing.on('drain', go)
    outgoing.on('close', go)
  })
}
