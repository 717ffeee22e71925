import { FirebreakError } from './errors.ts'
import { parseRetryAfter } from './retry-after.ts'

/**
 * - `throttled`: not taken; try again after `retryAfterMs`
 * - `transient`: not taken; try again
 * - `ambiguous`: may have been taken; repeating may page twice
 * - `permanent`: never will be; use another way
 */
export type NotifyOutcome = 'throttled' | 'transient' | 'ambiguous' | 'permanent'

export interface NotifyErrorOptions {
  readonly outcome: NotifyOutcome
  readonly message: string
  readonly retryAfterMs?: number | undefined
  readonly status?: number | undefined
  readonly cause?: unknown
}

/** A page that the target did not take, and whether to try again. */
export class NotifyError extends FirebreakError<'NOTIFY_FAILED'> {
  readonly outcome: NotifyOutcome
  readonly retryAfterMs?: number
  readonly status?: number

  constructor({ outcome, message, retryAfterMs, status, cause }: NotifyErrorOptions) {
    super({ code: 'NOTIFY_FAILED', message, cause })
    this.name = 'NotifyError'
    this.outcome = outcome
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs
    if (status !== undefined) this.status = status
  }

  /** Reads an answer that was not a delivery: 429 is throttled, 408 and 5xx transient (504 ambiguous), other 4xx permanent. */
  static async fromResponse(
    response: Response,
    now: number = Date.parse(response.headers.get('date') ?? ''),
  ): Promise<NotifyError> {
    const body = await readSome(response)
    const outcome = outcomeOf(response.status)
    const retryAfterMs = parseRetryAfter(response.headers, body, now)
    return new NotifyError({
      outcome,
      retryAfterMs,
      status: response.status,
      message: `answered ${response.status}${body === '' ? '' : `: ${body.slice(0, 300)}`}`,
    })
  }
}

function outcomeOf(status: number): NotifyOutcome {
  if (status === 429) return 'throttled'
  if (status === 504) return 'ambiguous'
  if (status === 408 || status === 425 || status >= 500) return 'transient'
  return 'permanent'
}

const enough = 4_096

/** The body's beginning, and no more of it than that; a body that breaks off ends there. */
async function readSome(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      if (text.length >= enough) break
    }
  } catch {
    // what has been read so far is what there is
  }
  return text.slice(0, enough).trim()
}
