import {
  NotifyError,
  required,
  type Notifier,
  type Page,
  type Receipt,
  type SendContext,
  type Severity,
} from '@firebreak/core'
import { alertKey, openKeys, toThread } from './alert-key.ts'
import { notDelivered, objectIn, post, postOk, refusalOf, textIn } from './http/post.ts'
import { addressOf, type Target } from './http/target.ts'
import { fitLine, fitText } from './text/fit-text.ts'
import { tidied } from './tidy.ts'

export interface JsmNotifierOptions {
  /** Of an API integration. */
  readonly apiKey: string | undefined
  /**
   * Default 'https://api.atlassian.com/jsm/ops/integration/v2'. Opsgenie, as long as it runs: 'https://api.opsgenie.com/v2',
   * in Europe 'https://api.eu.opsgenie.com/v2'.
   */
  readonly apiUrl?: string | undefined
  /** Default 'jsm'. */
  readonly name?: string | undefined
}

const priorities: Record<Severity, string> = { P0: 'P1', P1: 'P2', P2: 'P3', P3: 'P4' }
/** In characters. */
const limits = { message: 130, alias: 512, description: 15_000, source: 100, entity: 512 }

/**
 * Jira Service Management, and Opsgenie. One alert an incident and level, as for PagerDuty. It only accepts; `confirm` asks
 * what became of the request.
 */
export function jsmNotifier(options: JsmNotifierOptions): Notifier {
  const { name = 'jsm' } = options
  const apiKey = required(options.apiKey, 'apiKey', 'jsmNotifier')
  const base = 'https://api.atlassian.com/jsm/ops/integration/v2'
  const api = addressOf(options.apiUrl ?? base, 'apiUrl', 'jsmNotifier').href.replace(/\/$/, '')
  const target: Target = { name, secrets: [apiKey] }
  const headers = { authorization: `GenieKey ${apiKey}` }

  async function call(path: string, body: object, context: SendContext): Promise<string> {
    const answer = await postOk(target, `${api}${path}`, { headers, body }, context)
    const id = textIn(objectIn(answer), 'requestId')
    if (id === undefined) throw notDelivered(target, answer)
    return id
  }

  return tidied({
    name,
    reach: 'wake',
    quiet: ['acknowledge', 'resolve'],
    deduplicates: true,
    async send(page, context): Promise<Receipt> {
      const open = openKeys(context.previous?.thread)
      const key = alertKey(page, open, context.idempotencyKey, limits.alias)
      const keys = [...new Set([...open, key])]
      if (page.kind === 'trigger' || page.kind === 'update') {
        const id = await call('/alerts', alertOf(page, key), context)
        return { state: 'accepted', id, thread: toThread(keys) }
      }
      const action = page.kind === 'resolve' ? 'close' : 'acknowledge'
      let id = ''
      for (const each of keys)
        id = await call(
          `/alerts/${encodeURIComponent(each)}/${action}?identifierType=alias`,
          { source: 'Firebreak', note: fitLine(page.title, limits.description) },
          context,
        )
      return { state: 'accepted', id, thread: toThread(keys) }
    },
    async confirm(receipt, context) {
      if (receipt.id === undefined || receipt.id === '') return receipt
      const url = `${api}/alerts/requests/${encodeURIComponent(receipt.id)}`
      const answer = await post(target, url, { method: 'GET', headers }, context)
      // Not processed yet.
      if (answer.status === 404) return receipt
      if (!answer.ok) throw await refusalOf(answer, target)
      const { data } = objectIn(answer) as { data?: { isSuccess?: unknown; success?: unknown; status?: unknown } }
      if (data?.isSuccess === true || data?.success === true) return { ...receipt, state: 'delivered' }
      if (data?.isSuccess === false || data?.success === false)
        throw new NotifyError({
          outcome: 'permanent',
          message: `${name} took the request and refused it: ${typeof data.status === 'string' ? data.status.slice(0, 200) : 'no reason given'}`,
        })
      return receipt
    },
  })
}

function alertOf(page: Page, alias: string) {
  return {
    message: fitLine(page.title, limits.message),
    alias,
    description: fitText(`${page.title}\n\n${page.text}${linesOf(page)}`, limits.description),
    priority: priorities[page.severity],
    source: 'Firebreak',
    entity: fitLine(page.service, limits.entity),
    tags: [page.severity, page.service.slice(0, 50)],
    details: { ...(page.code === undefined ? {} : { code: page.code }), incident: page.incident },
  }
}

function linesOf({ links }: Page): string {
  return links.map(({ title, url }) => `\n${title}: ${url}`).join('')
}
