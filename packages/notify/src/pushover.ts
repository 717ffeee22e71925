import { NotifyError, required, type Notifier, type Page, type Receipt, type SendContext } from '@firebreak/core'
import { notDelivered, objectIn, postOk, textIn } from './http/post.ts'
import { addressOf, type Target } from './http/target.ts'
import { openKeys, toThread } from './alert-key.ts'
import { fitLine, fitText } from './text/fit-text.ts'
import { tidied } from './tidy.ts'

export interface PushoverNotifierOptions {
  /** Of the application. */
  readonly token: string | undefined
  /** Of the person or group. */
  readonly user: string | undefined
  /** How often an unacknowledged page sounds again, in seconds; at least 30, default 60. */
  readonly retrySeconds?: number | undefined
  /** When it stops by itself, in seconds; at most 10,800, default 600: by then the ladder has gone on. */
  readonly expireSeconds?: number | undefined
  /** Default 'pushover'. */
  readonly name?: string | undefined
  /** Default 'https://api.pushover.net'. */
  readonly apiUrl?: string | undefined
}

/** In characters. */
const limits = { message: 1_024, title: 250, url: 512, urlTitle: 100 }
/** Receipts that are still worth cancelling. */
const mostReceipts = 5

/**
 * Pushover. P0 and P1 go out as emergencies, which sound until somebody acknowledges them on the phone; an acknowledgement
 * or a resolution here stops that. `confirm` asks whether the phone has it.
 */
export function pushoverNotifier(options: PushoverNotifierOptions): Notifier {
  const { name = 'pushover', retrySeconds = 60, expireSeconds = 600 } = options
  const token = required(options.token, 'token', 'pushoverNotifier')
  const user = required(options.user, 'user', 'pushoverNotifier')
  const api = addressOf(options.apiUrl ?? 'https://api.pushover.net', 'apiUrl', 'pushoverNotifier').href.replace(
    /\/$/,
    '',
  )
  const target: Target = { name, secrets: [token, user] }
  const retry = Math.max(30, Math.round(retrySeconds))
  const expire = Math.min(10_800, Math.max(retry, Math.round(expireSeconds)))

  async function call(path: string, form: Record<string, string>, context: SendContext) {
    const body = new URLSearchParams({ token, ...form }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await postOk(target, `${api}/1/${path}`, { headers, body }, context)
    const said = objectIn(answer)
    if (said['status'] !== 1) throw notDelivered(target, answer)
    return said
  }

  return tidied({
    name,
    reach: 'wake',
    quiet: ['update', 'acknowledge', 'resolve'],
    async send(page, context): Promise<Receipt> {
      const open = openKeys(context.previous?.thread)
      const emergency = page.kind === 'trigger' && (page.severity === 'P0' || page.severity === 'P1')
      const said = await call('messages.json', { user, ...formOf(page, emergency, retry, expire) }, context)
      const receipt = textIn(said, 'receipt')
      const id = receipt ?? textIn(said, 'request') ?? ''
      if (page.kind === 'acknowledge' || page.kind === 'resolve')
        // An emergency that has expired cannot be cancelled, and needs not be.
        for (const each of open)
          await call(`receipts/${encodeURIComponent(each)}/cancel.json`, {}, context).catch(unlessAborted(context))
      const thread = toThread([...open, ...(receipt === undefined ? [] : [receipt])].slice(-mostReceipts))
      return { state: receipt === undefined ? 'delivered' : 'accepted', id, ...(thread === '' ? {} : { thread }) }
    },
    async confirm(receipt, context) {
      if (receipt.id === undefined) return receipt
      const url = `${api}/1/receipts/${encodeURIComponent(receipt.id)}.json?token=${encodeURIComponent(token)}`
      const answer = await postOk(target, url, { method: 'GET' }, context)
      const said = objectIn(answer)
      if (said['status'] !== 1) throw notDelivered(target, answer)
      if (said['acknowledged'] === 1 || Number(said['last_delivered_at'] ?? 0) > 0)
        return { ...receipt, state: 'delivered' }
      if (said['expired'] === 1)
        throw new NotifyError({ outcome: 'permanent', message: `${name}: the page expired before any device took it` })
      return receipt
    },
  })
}

function unlessAborted({ signal }: SendContext) {
  return (error: unknown) => {
    if (signal.aborted) throw error
  }
}

function formOf(page: Page, emergency: boolean, retry: number, expire: number): Record<string, string> {
  const [first] = page.links.filter(({ url }) => url.length <= limits.url)
  const at = page.at === undefined ? Number.NaN : Math.floor(Date.parse(page.at) / 1_000)
  return {
    title: fitLine(page.title, limits.title),
    message: fitText(page.text.trim() === '' ? page.title : page.text, limits.message),
    priority: emergency ? '2' : page.kind === 'trigger' ? (page.severity === 'P2' ? '0' : '-1') : '-1',
    ...(emergency ? { retry: String(retry), expire: String(expire) } : {}),
    ...(first === undefined ? {} : { url: first.url, url_title: fitLine(first.title, limits.urlTitle) }),
    ...(Number.isNaN(at) ? {} : { timestamp: String(at) }),
  }
}
