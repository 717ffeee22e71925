import { describe, expect, test } from 'vitest'
import type { Page, Receipt } from '@firebreak/core'
import { samplePage, startLoopback } from './testing/index.ts'
import { pagerdutyNotifier } from './pagerduty.ts'

const routingKey = 'canary0123456789abcdef0123456789'
const accepts = { status: 202, body: '{"status":"success","message":"Event processed","dedup_key":"k"}' }
const context = { signal: new AbortController().signal, idempotencyKey: 'key-1', fetch: globalThis.fetch }

async function story(...pages: Page[]) {
  const target = await startLoopback(() => accepts)
  const notifier = pagerdutyNotifier({ routingKey, url: target.url })
  let previous: Receipt | undefined
  try {
    for (const page of pages) previous = await notifier.send(page, { ...context, previous })
  } finally {
    await target.close()
  }
  return target.requests.map(
    ({ body }) => JSON.parse(body) as { event_action: string; dedup_key: string; payload?: object },
  )
}

describe('pagerduty', () => {
  test('only accepts: whether it rang is for PagerDuty to know', async () => {
    const [event] = await story(samplePage)
    expect(event).toMatchObject({
      routing_key: routingKey,
      event_action: 'trigger',
      dedup_key: 'incident/hotdash-agent-service/1/7K42/P0',
      payload: { source: 'hotdash-agent-service', severity: 'critical', summary: samplePage.title },
    })
  })

  test('a raise opens an alert of its own, a reminder does not, a regression does', async () => {
    const keys = await story(
      { ...samplePage, severity: 'P1' },
      samplePage,
      { ...samplePage, reason: 'remind' },
      { ...samplePage, reason: 'regressed' },
    )
    const base = 'incident/hotdash-agent-service/1/7K42'
    expect(keys.map(({ dedup_key }) => dedup_key)).toEqual([`${base}/P1`, `${base}/P0`, `${base}/P0`, `${base}/P0/2`])
  })

  test('a resolution closes every alert that the incident opened', async () => {
    const events = await story({ ...samplePage, severity: 'P1' }, samplePage, { ...samplePage, kind: 'resolve' })
    expect(events.slice(2).map(({ event_action, dedup_key }) => [event_action, dedup_key.slice(-2)])).toEqual([
      ['resolve', 'P1'],
      ['resolve', 'P0'],
    ])
  })

  test('a key that is too long is hashed, the same way each time', async () => {
    const page = { ...samplePage, incident: `incident/${'x'.repeat(300)}/1` }
    const [first, second] = await story(page, { ...page, reason: 'remind' })
    expect(first!.dedup_key.length).toBeLessThanOrEqual(255)
    expect(second!.dedup_key).toBe(first!.dedup_key)
  })

  test('a 202 that does not say success is no delivery', async () => {
    const target = await startLoopback(() => ({ status: 202, body: '{"status":"invalid event"}' }))
    try {
      const sending = pagerdutyNotifier({ routingKey, url: target.url }).send(samplePage, context)
      await expect(sending).rejects.toMatchObject({ code: 'NOTIFY_FAILED', outcome: 'permanent' })
    } finally {
      await target.close()
    }
  })

  test('refuses an unset routing key by name', () => {
    expect(() => pagerdutyNotifier({ routingKey: undefined })).toThrow(/^routingKey: is not set/)
  })
})
