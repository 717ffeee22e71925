import type { IncomingMessage, ServerResponse } from 'node:http'

/** What is asked of nearly every request, at a tenth of the price of a whole `Request`; anything else makes one. */
class LightRequest {
  readonly method: string
  readonly url: string
  readonly headers: Headers
  readonly #incoming: IncomingMessage
  readonly #whole: () => Request
  #made: Request | undefined

  constructor(incoming: IncomingMessage, whole: (headers: Headers) => Request) {
    this.method = incoming.method ?? 'GET'
    this.url = urlOf(incoming)
    const headers = new LightHeaders(incoming.rawHeaders)
    this.headers = headers as unknown as Headers
    this.#incoming = incoming
    this.#whole = () => (this.#made ??= whole(headers.whole()))
  }

  get whole(): Request {
    return this.#whole()
  }

  /**
   * The body, when all of it is here already and nobody has begun to read it: most bodies come in one piece with their
   * headers. `@firebreak/detect` asks by this name before it starts a stream and a deadline.
   */
  [Symbol.for('firebreak.arrivedBody')](): Uint8Array | undefined {
    const incoming = this.#incoming
    if (this.#made !== undefined || incoming.readableDidRead) return undefined
    const length = this.headers.get('content-length') ?? ''
    const whole = incoming.complete || (/^\d{1,9}$/.test(length) && incoming.readableLength === Number(length))
    if (!whole) return undefined
    const chunks: Buffer[] = []
    for (let chunk: unknown = incoming.read(); chunk !== null; chunk = incoming.read()) chunks.push(chunk as Buffer)
    return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
  }
}

class LightHeaders {
  readonly #raw: readonly string[]
  readonly #values = new Map<string, string>()
  #made: Headers | undefined

  constructor(raw: readonly string[]) {
    this.#raw = raw
    for (let index = 0; index < raw.length; index += 2) {
      const name = (raw[index] ?? '').toLowerCase()
      const before = this.#values.get(name)
      const value = raw[index + 1] ?? ''
      this.#values.set(name, before === undefined ? value : `${before}, ${value}`)
    }
  }

  get(name: string): string | null {
    return this.#made === undefined ? (this.#values.get(name.toLowerCase()) ?? null) : this.#made.get(name)
  }

  whole(): Headers {
    if (this.#made !== undefined) return this.#made
    this.#made = new Headers()
    for (let index = 0; index < this.#raw.length; index += 2)
      this.#made.append(this.#raw[index] ?? '', this.#raw[index + 1] ?? '')
    return this.#made
  }
}

/** Everything that `light` does not do itself is asked of the whole object, which is made then. */
function standIn(light: object, prototype: object, whole: (self: never) => object): void {
  Object.setPrototypeOf(light, prototype)
  for (const name of Reflect.ownKeys(prototype)) {
    if (name === 'constructor' || Object.hasOwn(light, name)) continue
    const { value } = Object.getOwnPropertyDescriptor(prototype, name) ?? {}
    const get = function ask(this: never): unknown {
      const object = whole(this)
      const asked: unknown = Reflect.get(object, name)
      return typeof asked === 'function' ? (asked.bind(object) as unknown) : asked
    }
    if (typeof value !== 'string') Object.defineProperty(light, name, { get, configurable: true })
  }
}
// `method`, `url` and `headers` are own properties of each request, and so found before what is defined here.
standIn(LightRequest.prototype, Request.prototype, (self: LightRequest) => self.whole)
standIn(LightHeaders.prototype, Headers.prototype, (self: LightHeaders) => self.whole())

/** The name in `Host` is checked by the handler; what the socket listens on is ours. */
function urlOf({ url = '/' }: IncomingMessage): string {
  return /^\/(?:[\w.-][\w./-]*)?$/.test(url) ? `http://127.0.0.1${url}` : new URL(url, 'http://127.0.0.1').href
}

/** A request as handlers take it. */
export function requestOf(incoming: IncomingMessage, outgoing: ServerResponse): Request {
  return new LightRequest(incoming, (headers) => wholeOf(incoming, outgoing, headers)) as unknown as Request
}

function wholeOf(incoming: IncomingMessage, outgoing: ServerResponse, headers: Headers): Request {
  const method = incoming.method ?? 'GET'
  const url = urlOf(incoming)
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
