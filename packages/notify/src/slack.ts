import { NotifyError, required, type Notifier, type Page, type Receipt, type SendContext } from '@firebreak/core'
import { notDelivered, objectIn, postOk, textIn, type Answer } from './http/post.ts'
import { addressOf, secretsIn, type Target } from './http/target.ts'
import { slackBody } from './slack-body.ts'
import { tidied } from './tidy.ts'

export interface SlackWebhookOptions {
  /** Of an incoming webhook: `https://hooks.slack.com/services/…`. */
  readonly url: string | undefined
  /** Default 'slack'. */
  readonly name?: string | undefined
}

export interface SlackBotOptions {
  /** Of a bot with `chat:write`: `xoxb-…`. */
  readonly token: string | undefined
  /** The channel's id, or a user's for a direct message. */
  readonly channel: string | undefined
  /** Default 'slack'. */
  readonly name?: string | undefined
  /** Default 'https://slack.com/api'. */
  readonly apiUrl?: string | undefined
}

/**
 * Slack, by an incoming webhook (every page is a message of its own) or by a bot (updates edit the message and continue its
 * thread). Nothing in a page can mention anybody or become a link of its own.
 */
export function slackNotifier(options: SlackWebhookOptions | SlackBotOptions): Notifier {
  return 'token' in options ? byBot(options) : byWebhook(options)
}

function byWebhook(options: SlackWebhookOptions): Notifier {
  const name = options.name ?? 'slack'
  const url = addressOf(options.url, 'url', 'slackNotifier')
  const target: Target = { name, secrets: secretsIn(url) }
  return tidied({
    name,
    reach: 'read',
    async send(page, context): Promise<Receipt> {
      const answer = await withPlainFallback(page, (body) => postOk(target, url, { body }, context))
      if (answer.text !== 'ok') throw saysNo(target, answer)
      return { state: 'delivered' }
    },
  })
}

function byBot(options: SlackBotOptions): Notifier {
  const name = options.name ?? 'slack'
  const token = required(options.token, 'token', 'slackNotifier')
  const channel = required(options.channel, 'channel', 'slackNotifier')
  const api = addressOf(options.apiUrl ?? 'https://slack.com/api', 'apiUrl', 'slackNotifier').href.replace(/\/$/, '')
  const target: Target = { name, secrets: [token] }
  const headers = { authorization: `Bearer ${token}` }

  async function call(method: string, body: object, context: SendContext) {
    const answer = await postOk(target, `${api}/${method}`, { headers, body }, context)
    const said = objectIn(answer)
    if (said['ok'] !== true) throw saysNo(target, answer)
    return said
  }

  return tidied({
    name,
    reach: 'read',
    async send(page, context): Promise<Receipt> {
      const root = threadOf(context.previous)
      const said = await withPlainFallback(page, (body) =>
        call(
          'chat.postMessage',
          {
            channel: root?.channel ?? channel,
            ...body,
            ...(root === undefined ? {} : { thread_ts: root.ts, reply_broadcast: page.kind === 'trigger' }),
          },
          context,
        ),
      )
      const ts = textIn(said, 'ts') ?? ''
      const first = root ?? { channel: textIn(said, 'channel') ?? channel, ts }
      // The first message says how it stands; the thread how it came. An edit that fails leaves the thread right.
      if (root !== undefined && page.kind !== 'trigger')
        await call('chat.update', { channel: root.channel, ts: root.ts, ...slackBody(page) }, context).catch(
          () => undefined,
        )
      return { state: 'delivered', id: ts, thread: `${first.channel} ${first.ts}` }
    },
  })
}

function threadOf(previous: Receipt | undefined): { channel: string; ts: string } | undefined {
  const [channel, ts] = previous?.thread?.split(' ') ?? []
  return channel === undefined || ts === undefined ? undefined : { channel, ts }
}

/** What Slack cannot lay out is still said: once more as plain text. */
async function withPlainFallback<T>(page: Page, send: (body: object) => Promise<T>): Promise<T> {
  try {
    return await send(slackBody(page))
  } catch (error) {
    const layout =
      error instanceof NotifyError && /invalid_blocks|invalid_payload|too_long|invalid_attachments/.test(error.message)
    if (!layout) throw error
    const { text } = slackBody(page)
    return send({ text })
  }
}

const throttled = /rate_?limited/
const passing = /internal_error|fatal_error|service_unavailable|request_timeout|team_added_to_org/

function saysNo(target: Target, answer: Answer): NotifyError {
  const outcome = throttled.test(answer.text) ? 'throttled' : passing.test(answer.text) ? 'transient' : 'permanent'
  const seconds = Number(objectIn(answer)['retry_after'] ?? answer.headers.get('retry-after') ?? Number.NaN)
  return notDelivered(target, answer, outcome, Number.isFinite(seconds) ? seconds * 1_000 : undefined)
}
