/** An answer that is ready, as plain data: in a storm, a `Response` for each costs more than what it says. */
export interface Answer {
  readonly status: number
  /** The media type. */
  readonly type: string
  readonly body: string
}

export function jsonAnswer(value: object, status: number = 200): Answer {
  return { status, type: 'application/json', body: JSON.stringify(value) }
}

export function responseOf(answer: Answer | Response): Response {
  if (typeof answer.body !== 'string') return answer as Response
  const { status, type, body } = answer as Answer
  return new Response(body, { status, headers: { 'content-type': type } })
}
