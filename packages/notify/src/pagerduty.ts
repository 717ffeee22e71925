import { required, type Notifier, type Page, type Receipt, type SendContext, type Severity } from '@firebreak/core'
import { alertKey, openKeys, toThread } from './alert-key.ts'
import { notDelivered, objectIn, postOk } from './http/post.ts'
import { addressOf, type Target } from './http/target.ts'
import { fitLine, fitText, utf8Bytes } from './text/fit-text.ts'
import { tidied } from './tidy.ts'

export interface PagerdutyNotifierOptions {
  /** Of an Events API v2 integration: 32 characters. */
  readonly routingKey: string | undefined
  /** Default 'pagerduty'. */
  readonly name?: string | undefined
  /** Default 'https://events.pagerduty.com'; the European one is 'https://events.eu.pagerduty.com'. */
  readonly url?: string | undefined
  /** What PagerDuty shows as the sender; default 'Firebreak'. */
  readonly client?: string | undefined
}

const severities: Record<Severity, string> = { P0: 'critical', P1: 'error', P2: 'warning', P3: 'info' }
const limits = { key: 255, summary: 1_024, body: 500_000, text: 100_000 }

/**
 * PagerDuty, Events API v2. One alert an incident and level, so that a raise wakes again although somebody acknowledged the
 * lower level; a reminder is added to the open alert, which PagerDuty repeats by its own rules. Acknowledge and resolve go
 * to every alert of the incident.
 */
export function pagerdutyNotifier(options: PagerdutyNotifierOptions): Notifier {
  const { name = 'pagerduty', client = 'Firebreak' } = options
  const routingKey = required(options.routingKey, 'routingKey', 'pagerdutyNotifier')
  const url = new URL(
    '/v2/enqueue',
    addressOf(options.url ?? 'https://events.pagerduty.com', 'url', 'pagerdutyNotifier'),
  )
  const target: Target = { name, secrets: [routingKey] }

  async function enqueue(event: object, context: SendContext): Promise<void> {
    const answer = await postOk(target, url, { body: { routing_key: routingKey, ...event } }, context)
    if (objectIn(answer)['status'] !== 'success') throw notDelivered(target, answer)
  }

  return tidied({
    name,
    reach: 'wake',
    quiet: ['acknowledge', 'resolve'],
    deduplicates: true,
    async send(page, context): Promise<Receipt> {
      const open = openKeys(context.previous?.thread)
      const key = alertKey(page, open, context.idempotencyKey, limits.key)
      if (page.kind === 'trigger' || page.kind === 'update')
        await enqueue({ event_action: 'trigger', dedup_key: key, client, ...payloadOf(page) }, context)
      // A key without an open alert is dropped by PagerDuty without a word; nothing is lost by asking.
      else
        for (const each of new Set([...open, key])) await enqueue({ event_action: page.kind, dedup_key: each }, context)
      return { state: 'accepted', id: key, thread: toThread([...open, key]) }
    },
  })
}

function payloadOf(page: Page) {
  const { service, severity, at, code, incident, title, links } = page
  const summary = fitLine(title, limits.summary)
  const payload = (text: string) => ({
    payload: {
      summary,
      source: service,
      severity: severities[severity],
      component: service,
      ...(at === undefined ? {} : { timestamp: at }),
      custom_details: { text, ...(code === undefined ? {} : { code }), ...(incident === '' ? {} : { incident }) },
    },
    links: links.map(({ title: text, url }) => ({ href: url, text })),
  })
  return payload(fitText(page.text, limits.text, (text) => utf8Bytes(JSON.stringify(text))))
}
