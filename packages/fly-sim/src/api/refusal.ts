/** A request that is answered with an error: thrown by handlers, written in each API's own shape by its edge. */
export class Refusal extends Error {
  readonly httpStatus: number
  /** Fly's machine-readable word: 'insufficient_capacity', 'name_taken'. */
  readonly word: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(httpStatus: number, message: string, word?: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.name = 'Refusal'
    this.httpStatus = httpStatus
    this.word = word
    this.headers = headers
  }
}

export function refuse(status: number, message: string, word?: string): Refusal {
  return new Refusal(status, message, word)
}
