import {
  createId,
  InvalidInput,
  systemClock,
  systemRandom,
  type Clock,
  type Notifier,
  type NotifyError,
  type Page,
  type PageFailed,
  type PageSent,
  type Random,
  type RetryPolicy,
  type Teller,
} from '@firebreak/core'
import { deliver } from './deliver.ts'
import { completePage, type PageDraft } from './page-draft.ts'
import { PageNotSent } from './page-errors.ts'

export interface SendPageOptions {
  /** Told `page.sent` and `page.failed`, once a notifier. */
  readonly bus?: Teller | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
  readonly fetch?: typeof globalThis.fetch | undefined
  readonly signal?: AbortSignal | undefined
  /** The same for every repetition of this page: give one when the script may run again. Default: a new one a call. */
  readonly idempotencyKey?: string | undefined
  /** Default: 4 attempts within 25 s, `Retry-After` up to 10 s. */
  readonly retry?: Partial<RetryPolicy> | undefined
  /** Time limit of one attempt, in milliseconds; default 10,000. */
  readonly timeoutMs?: number | undefined
}

export interface SentPage {
  readonly page: Page
  readonly sent: readonly PageSent[]
  /** Notifiers that did not take it, while another did. */
  readonly failed: readonly PageFailed[]
}

/**
 * Sends one page now, to all notifiers at once, and remembers nothing. Resolves when at least one took it; rejects with
 * `PageNotSent` when none did, with `InvalidInput` for an incomplete draft, with the signal's reason when aborted.
 */
export async function sendPage(
  draft: PageDraft,
  notifiers: Notifier | readonly Notifier[],
  options: SendPageOptions = {},
): Promise<SentPage> {
  const { bus, clock = systemClock, random = systemRandom, signal = new AbortController().signal } = options
  const page = completePage(draft)
  const all = Array.isArray(notifiers) ? (notifiers as readonly Notifier[]) : [notifiers as Notifier]
  if (all.length === 0) throw new InvalidInput('notifiers', 'are none: nobody would be told; pass at least one')
  const idempotencyKey = options.idempotencyKey ?? createId(clock, random)
  const startedAt = clock.now()
  const sent: PageSent[] = []
  const failed: PageFailed[] = []

  async function sendTo(notifier: Notifier) {
    const about = { incident: page.incident, service: page.service, severity: page.severity }
    const to = page.to ?? notifier.name
    try {
      const { receipt, repeated } = await deliver(notifier, page, {
        clock,
        random,
        fetch: options.fetch ?? globalThis.fetch,
        signal,
        idempotencyKey,
        retry: options.retry,
        timeoutMs: options.timeoutMs ?? 10_000,
      })
      const data: PageSent = {
        ...about,
        to,
        notifier: notifier.name,
        reach: notifier.reach ?? 'read',
        kind: page.kind,
        receipt,
        title: page.title,
        delayMs: clock.now() - startedAt,
        ...(repeated ? { repeated } : {}),
      }
      sent.push(data)
      bus?.emit('page.sent', data)
    } catch (error) {
      signal.throwIfAborted()
      const { outcome, message } = error as NotifyError
      const data: PageFailed = { ...about, to, notifier: notifier.name, outcome, error: message }
      failed.push(data)
      bus?.emit('page.failed', data)
    }
  }

  await Promise.all(all.map(sendTo))
  if (sent.length === 0) throw new PageNotSent(page.title, failed)
  return { page, sent, failed }
}
