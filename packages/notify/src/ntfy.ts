import { createHash } from 'node:crypto'
import { required, type Notifier, type Page, type Reach, type Receipt } from '@firebreak/core'
import { notDelivered, objectIn, postOk, textIn } from './http/post.ts'
import { addressOf, secretsIn, type Target } from './http/target.ts'
import { fitLine, fitText, utf8Bytes } from './text/fit-text.ts'
import { tidied } from './tidy.ts'

export interface NtfyNotifierOptions {
  /** Whoever knows it reads it, and can write to it: choose one that nobody guesses. */
  readonly topic: string | undefined
  /** Of the server; default 'https://ntfy.sh'. */
  readonly url?: string | undefined
  /** An access token; leave the option out for an open topic. */
  readonly token?: string | undefined
  /** Default 'wake': priority 5 sounds until it is looked at, where the phone is set up so. */
  readonly reach?: Reach | undefined
  /** Default 'ntfy'. */
  readonly name?: string | undefined
}

/** In bytes; a longer message would arrive as an attachment. */
const limits = { title: 250, message: 4_000, tag: 50 }
const mostActions = 3

/** ntfy. What wakes goes out at priority 5; news replaces the notification without a sound (servers since 2.16). */
export function ntfyNotifier(options: NtfyNotifierOptions): Notifier {
  const { name = 'ntfy', reach = 'wake' } = options
  const topic = required(options.topic, 'topic', 'ntfyNotifier')
  const url = addressOf(options.url ?? 'https://ntfy.sh', 'url', 'ntfyNotifier')
  const token = 'token' in options ? required(options.token, 'token', 'ntfyNotifier') : undefined
  const target: Target = { name, secrets: [topic, ...(token === undefined ? [] : [token]), ...secretsIn(url)] }
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }

  return tidied({
    name,
    reach,
    quiet: ['update', 'acknowledge', 'resolve'],
    async send(page, context): Promise<Receipt> {
      const previous = page.kind === 'trigger' ? undefined : context.previous?.thread
      const sequence = previous ?? sequenceOf(context.idempotencyKey)
      const answer = await postOk(target, url, { headers, body: bodyOf(page, topic, sequence, reach) }, context)
      const id = textIn(objectIn(answer), 'id')
      if (id === undefined) throw notDelivered(target, answer)
      return { state: 'delivered', id, thread: sequence }
    },
  })
}

function sequenceOf(key: string): string {
  return /^[\w-]{1,64}$/.test(key) ? key : createHash('sha256').update(key).digest('base64url')
}

function bodyOf(page: Page, topic: string, sequence: string, reach: Reach) {
  const [first] = page.links
  return {
    topic,
    sequence_id: sequence,
    title: fitLine(page.title, limits.title, utf8Bytes),
    message: fitText(page.text.trim() === '' ? page.title : page.text, limits.message, utf8Bytes),
    priority: priorityOf(page, reach),
    tags: [page.severity.toLowerCase(), fitLine(page.service.replaceAll(',', ' '), limits.tag, utf8Bytes)],
    ...(first === undefined ? {} : { click: first.url }),
    actions: page.links
      .slice(0, mostActions)
      .map(({ title, url }) => ({ action: 'view', label: fitLine(title, 40), url })),
  }
}

function priorityOf({ kind, severity }: Page, reach: Reach): number {
  if (kind !== 'trigger') return 2
  if (severity === 'P0' || severity === 'P1') return reach === 'wake' ? 5 : 4
  return severity === 'P2' ? 3 : 2
}
