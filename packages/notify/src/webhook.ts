import { createHmac } from 'node:crypto'
import { InvalidInput, required, systemClock, type Clock, type Notifier, type Page, type Reach } from '@firebreak/core'
import { postOk } from './http/post.ts'
import { addressOf, secretsIn, type Target } from './http/target.ts'
import { fitText, utf8Bytes } from './text/fit-text.ts'
import { tidied } from './tidy.ts'

export interface WebhookNotifierOptions {
  readonly url: string | undefined
  /**
   * Signs each page as Standard Webhooks 1.0.0 says: `whsec_` and 24 to 64 bytes in base64. Several while keys change: each
   * signs. Leave the option out for an unsigned webhook; a secret that is `undefined` is refused.
   */
  readonly secret?: string | readonly string[] | undefined
  /** What a 2xx of the receiver means; default 'read'. A receiver that wakes somebody is 'wake'. */
  readonly reach?: Reach | undefined
  /** Default 'webhook'. */
  readonly name?: string | undefined
  /** Further headers, such as an authorization of the receiver's own. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** For the timestamp. */
  readonly clock?: Clock | undefined
}

/** Receivers refuse larger ones. */
const mostBytes = 20_000

/**
 * Posts the page as JSON, `{ type: 'page.trigger', timestamp, data }`. `webhook-id` is the idempotency key: a receiver that
 * has seen it answers 2xx and does nothing.
 */
export function webhookNotifier(options: WebhookNotifierOptions): Notifier {
  const { name = 'webhook', reach = 'read', headers = {}, clock = systemClock } = options
  const url = addressOf(options.url, 'url', 'webhookNotifier')
  const secrets = 'secret' in options ? keysOf(options.secret) : []
  const target: Target = {
    name,
    secrets: [...secretsIn(url), ...secrets.map(({ text }) => text), ...Object.values(headers)],
  }
  return tidied({
    name,
    reach,
    quiet: ['update', 'acknowledge', 'resolve'],
    deduplicates: true,
    async send(page, context) {
      const id = context.idempotencyKey
      const timestamp = Math.floor(clock.now() / 1_000)
      const body = bodyOf(page, new Date(timestamp * 1_000).toISOString())
      const signed = secrets.map(({ key }) => `v1,${signatureOf(key, id, timestamp, body)}`).join(' ')
      const answer = await postOk(
        target,
        url,
        {
          headers: {
            ...headers,
            'content-type': 'application/json',
            'webhook-id': id,
            'webhook-timestamp': String(timestamp),
            ...(signed === '' ? {} : { 'webhook-signature': signed }),
          },
          body,
        },
        context,
      )
      return { state: answer.status === 202 ? 'accepted' : 'delivered', id }
    },
  })
}

/** The base64 HMAC-SHA256 of `id.timestamp.body`, as the receiver computes it. */
export function signatureOf(key: Uint8Array, id: string, timestamp: number, body: string): string {
  return createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
}

function bodyOf(page: Page, timestamp: string): string {
  const whole = (data: Page) => JSON.stringify({ type: `page.${page.kind}`, timestamp, data })
  const body = whole(page)
  if (utf8Bytes(body) <= mostBytes) return body
  // Text before Markdown, detail last-first; title, level and links stay.
  const rest = utf8Bytes(whole({ ...page, text: '', markdown: '' }))
  const room = Math.max(1_000, mostBytes - rest)
  return whole({ ...page, markdown: '', text: fitText(page.text, room, (text) => utf8Bytes(JSON.stringify(text))) })
}

interface Key {
  readonly text: string
  readonly key: Uint8Array
}

function keysOf(secret: WebhookNotifierOptions['secret']): Key[] {
  const all = typeof secret === 'object' ? secret : [secret]
  if (all.length === 0) required(undefined, 'secret', 'webhookNotifier')
  return all.map((it) => {
    const text = required(it, 'secret', 'webhookNotifier')
    const base64 = text.startsWith('whsec_') ? text.slice('whsec_'.length) : text
    const key = Buffer.from(base64, 'base64')
    const wellFormed = /^[A-Za-z0-9+/]+={0,2}$/.test(base64)
    if (!wellFormed || key.byteLength < 24 || key.byteLength > 64)
      throw new InvalidInput(
        'secret',
        "is not 'whsec_' and 24 to 64 bytes in base64; make one with: openssl rand -base64 32",
      )
    return { text, key }
  })
}
