import type { RetryPolicy } from '@firebreak/core'

/** What every call takes besides its own arguments. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined
  /** For the whole call, retries and pacing included, in milliseconds. Default 120 s. */
  readonly timeoutMs?: number | undefined
  /** Changes the client's retry policy for this call; `false` tries once. */
  readonly retry?: Partial<Omit<RetryPolicy, 'filter'>> | false | undefined
}

/** An answer with what came around it. */
export interface Answered<T> {
  readonly data: T
  /** The last response; its body can still be read. */
  readonly response: Response
  /** `fly-request-id`: what Fly's support asks for. */
  readonly requestId: string | undefined
}

/** A promise of the data; `withResponse()` gives the response and the request id too. */
export interface FlyCall<T> extends Promise<T> {
  withResponse(): Promise<Answered<T>>
}

/** Runs at once; what the work throws before its first await is a rejection too. */
export function flyCall<T>(work: () => Promise<Answered<T>>): FlyCall<T> {
  const answered = (async () => work())()
  const data = answered.then((answer) => answer.data)
  return Object.assign(data, {
    withResponse() {
      data.catch(() => undefined) // whoever asks for the response handles the failure there
      return answered
    },
  })
}
