import { Agent, request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { listen, type Handler, type Listening } from './listen.ts'

let server: Listening | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

async function serve(handler: Handler): Promise<Listening> {
  server = await listen(handler, 0)
  return server
}

test('a handler gets method, path, headers and the whole body, in as many pieces as it came', async () => {
  const { url } = await serve(async (incoming) => {
    const { pathname, search } = new URL(incoming.url)
    const text = await incoming.text()
    return Response.json(
      {
        method: incoming.method,
        at: pathname + search,
        type: incoming.headers.get('content-type'),
        length: text.length,
      },
      { status: 202, headers: { 'x-own': 'yes' } },
    )
  })
  const body = 'ä'.repeat(200_000)
  const answer = await fetch(`${url}/signals?a=b`, { method: 'POST', body, headers: { 'content-type': 'text/x' } })
  expect([answer.status, answer.headers.get('x-own')]).toEqual([202, 'yes'])
  expect(await answer.json()).toEqual({ method: 'POST', at: '/signals?a=b', type: 'text/x', length: 200_000 })
})

test('a request does all that a Request does, although little of it is made before it is asked for', async () => {
  const { url } = await serve(async (incoming) => {
    const copy = incoming.clone()
    return Response.json({
      is: incoming instanceof Request && incoming.headers instanceof Headers,
      names: Array.from(incoming.headers.keys()).filter((name) => name.startsWith('x-')),
      own: incoming.headers.get('X-Own'),
      none: incoming.headers.get('x-none'),
      twice: [await copy.json(), await incoming.json()],
      used: incoming.bodyUsed,
    })
  })
  const answer = await fetch(url, { method: 'POST', body: '{"a":1}', headers: { 'x-own': 'yes' } })
  expect(await answer.json()).toEqual({
    is: true,
    names: ['x-own'],
    own: 'yes',
    none: null,
    twice: [{ a: 1 }, { a: 1 }],
    used: true,
  })
})

test('an answer that is plain data arrives as it is, with its length', async () => {
  const { url } = await serve(async () => ({ status: 202, type: 'application/json', body: '{"ä":1}' }))
  const answer = await fetch(url)
  expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-length')]).toEqual([
    202,
    'application/json',
    '8',
  ])
  expect(await answer.json()).toEqual({ ä: 1 })
})

test('a body that nobody reads does not block the next request of the connection', async () => {
  const { port } = await serve(
    async (incoming) => new Response(null, { status: incoming.method === 'POST' ? 401 : 204 }),
  )
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (method: string, body: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = request({ port, host: '127.0.0.1', method, agent }, (answer: IncomingMessage) => {
        answer.resume().once('end', () => resolve(answer.statusCode))
      })
      asked.once('error', reject)
      asked.end(body)
    })
  expect(await ask('POST', 'x'.repeat(3_000_000))).toBe(401)
  expect(await ask('GET', '')).toBe(204)
  agent.destroy()
})

test('an upload that breaks off fails for its reader', async () => {
  const read = Promise.withResolvers<unknown>()
  const { port } = await serve(async (incoming) => {
    await incoming.text().then(read.resolve, read.reject)
    return new Response(null)
  })
  const socket = connect(port, '127.0.0.1')
  socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\nhalf', () => socket.destroy())
  await expect(read.promise).rejects.toThrow(/broke off/)
})

test('an answer without end arrives piece by piece, and its source hears when nobody listens any more', async () => {
  const cancelled = Promise.withResolvers<boolean>()
  const { url } = await serve(async (incoming) => {
    incoming.signal.addEventListener('abort', () => cancelled.resolve(true))
    return new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([65])) }))
  })
  const stop = new AbortController()
  const answer = await fetch(url, { signal: stop.signal })
  const { value } = await answer.body!.getReader().read()
  expect(value).toEqual(new Uint8Array([65]))
  stop.abort()
  expect(await cancelled.promise).toBe(true)
})

test('a reader who does not read is cut off when his answer breaks off', async () => {
  const broken = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<boolean>()
  const { port } = await serve(async (incoming) => {
    incoming.signal.addEventListener('abort', () => closed.resolve(true))
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        // More than the buffers of a socket take: whoever sends this waits.
        for (let piece = 0; piece < 64; piece += 1) controller.enqueue(new Uint8Array(1_000_000))
        void broken.promise.then(() => controller.error(new Error('too far behind')))
      },
    })
    return new Response(body)
  })
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
  await new Promise((resolve) => socket.once('readable', resolve))
  broken.resolve()
  expect(await closed.promise).toBe(true)
  socket.destroy()
})

test('waiting for a reader again and again leaves no listeners behind', async () => {
  const { url } = await serve(async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let piece = 0; piece < 100; piece += 1) controller.enqueue(new Uint8Array(100_000))
        controller.close()
      },
    })
    return new Response(body)
  })
  const warnings: string[] = []
  const note = ({ name }: Error) => void warnings.push(name)
  process.on('warning', note)
  const answer = await fetch(url)
  expect((await answer.arrayBuffer()).byteLength).toBe(10_000_000)
  process.off('warning', note)
  expect(warnings).toEqual([])
})

test('an address that is none gets an answer like every other refusal', async () => {
  const { port } = await serve(async () => new Response('never asked'))
  for (const address of ['//', '//[', 'http://elsewhere:99999/healthz']) {
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET ${address} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`)
    const text = (await Array.fromAsync(socket.setEncoding('utf8'))).join('')
    expect(text).toMatch(/^HTTP\/1.1 400 /)
    expect(text).toContain('"code":"BAD_REQUEST"')
  }
})
