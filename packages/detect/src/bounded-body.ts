/** The body as text, as far as it was read: at most so many bytes. */
export async function readBeginning(body: Response | Request, maxBytes: number): Promise<string> {
  const { bytes } = await read(body, maxBytes)
  return new TextDecoder().decode(bytes.subarray(0, maxBytes))
}

/** The body as text, or `undefined` when it is longer than allowed; the rest is then not read. */
export async function readBounded(body: Response | Request, maxBytes: number): Promise<string | undefined> {
  const bytes = await readBoundedBytes(body, maxBytes)
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
}

export async function readBoundedBytes(
  body: Response | Request,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const { bytes, whole } = await read(body, maxBytes, signal)
  return whole ? bytes : undefined
}

async function read(
  { body }: Response | Request,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<{ bytes: Uint8Array; whole: boolean }> {
  if (body === null) return { bytes: new Uint8Array(), whole: true }
  const reader: ReadableStreamDefaultReader<Uint8Array> = body.getReader()
  // The sender's side of a cancellation is his own affair: it is neither waited for nor heard.
  const cancel = () => void reader.cancel().catch(() => undefined)
  signal?.addEventListener('abort', cancel, { once: true })
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return { bytes: join(chunks), whole: true }
      size += value.byteLength
      chunks.push(value)
      if (size <= maxBytes) continue
      cancel()
      return { bytes: join(chunks), whole: false }
    }
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}

/**
 * The bytes of a request of which a server says that all of it has arrived: there is nothing to wait for. `undefined`: it
 * has not, or nobody can tell.
 */
export function arrivedBody(request: Request): Uint8Array | undefined {
  return (request as { [arrived]?: () => Uint8Array | undefined })[arrived]?.()
}

/** By this name a server's request object gives what it holds. */
const arrived: unique symbol = Symbol.for('firebreak.arrivedBody')

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks
  return chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)
}
