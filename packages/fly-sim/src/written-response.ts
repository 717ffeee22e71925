interface WrittenInit {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
}

/**
 * A `Response` whose text is there already. The platform's own makes a stream of every text and reads it back, which
 * costs more than all the rest of a simulated request; this one makes a stream only for those who ask for one.
 */
export function writtenResponse(text: string, init: WrittenInit): Response {
  return new WrittenResponse(text, init) as unknown as Response
}

/** What is taken over as it is. The type library has the rest as properties, which a class could not override. */
const Base = Response as unknown as new (
  body: null,
  init: WrittenInit,
) => { readonly status: number; readonly headers: Headers }

class WrittenResponse extends Base {
  readonly #text: string
  #used = false
  /** The platform's own, from the moment somebody wanted more than the text. */
  #whole: Response | undefined

  constructor(text: string, init: WrittenInit) {
    super(null, init)
    this.#text = text
  }

  get body() {
    return this.#streamed().body
  }

  get bodyUsed() {
    return this.#used || this.#whole?.bodyUsed === true
  }

  async text(): Promise<string> {
    if (this.#whole !== undefined) return this.#whole.text()
    this.#claim()
    return this.#text
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text()) as unknown
  }

  arrayBuffer() {
    return this.#streamed().arrayBuffer()
  }

  bytes() {
    return this.#streamed().bytes()
  }

  blob() {
    return this.#streamed().blob()
  }

  formData() {
    return this.#streamed().formData()
  }

  clone(): Response {
    if (this.bodyUsed) throw new TypeError('Response.clone: Body has already been consumed.')
    return writtenResponse(this.#text, { status: this.status, headers: Object.fromEntries(this.headers) })
  }

  #streamed(): Response {
    if (this.#used) this.#claim()
    this.#whole ??= new Response(this.#text, { headers: this.headers })
    return this.#whole
  }

  #claim() {
    if (this.#used) throw new TypeError('Body is unusable: Body has already been read')
    this.#used = true
  }
}
