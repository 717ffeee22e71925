/** An answer is longer than this client reads. */
export class TooLarge extends Error {
  constructor(limit: number) {
    super(`longer than ${limit} bytes`)
    this.name = 'TooLarge'
  }
}

/** Reads a body up to a limit, counted after decompression, and lets go of the connection beyond it. */
export async function readText(response: Response, limit: number): Promise<string> {
  if (Number(response.headers.get('content-length') ?? 0) > limit) {
    await response.body?.cancel()
    throw new TooLarge(limit)
  }
  const reader = response.body?.getReader()
  if (reader === undefined) return ''
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    size += value.byteLength
    if (size > limit) {
      await reader.cancel()
      throw new TooLarge(limit)
    }
    text += decoder.decode(value, { stream: true })
  }
}
