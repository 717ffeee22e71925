import { describe, expect, test } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { createTestClock } from '@firebreak/core/testing'
import { samplePage, startLoopback } from './testing/index.ts'
import { signatureOf, webhookNotifier } from './webhook.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const context = { signal: new AbortController().signal, idempotencyKey: 'key-1', fetch: globalThis.fetch }

describe('a signed webhook', () => {
  test('agrees with the published vector', () => {
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64')
    expect(signatureOf(key, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}')).toBe(
      'g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    )
  })

  test('is verified by the reference implementation, by each of two secrets while keys change', async () => {
    const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    const target = await startLoopback(() => ({ status: 204 }))
    try {
      const receipt = await webhookNotifier({ url: target.url, secret: [secret, other] }).send(samplePage, context)
      expect(receipt).toEqual({ state: 'delivered', id: 'key-1' })
    } finally {
      await target.close()
    }
    const [request] = target.requests
    for (const key of [secret, other]) {
      const verified = new Webhook(key).verify(request!.body, { ...request!.headers })
      expect(verified).toMatchObject({ type: 'page.trigger', data: { code: '7K42', severity: 'P0' } })
    }
    expect(() => new Webhook(secret).verify(`${request!.body} `, { ...request!.headers })).toThrow(/signature/)
  })

  test('takes its timestamp from our clock and its id from the idempotency key', async () => {
    const clock = createTestClock()
    const target = await startLoopback(() => ({ status: 202 }))
    try {
      const receipt = await webhookNotifier({ url: target.url, secret, clock }).send(samplePage, context)
      expect(receipt.state).toBe('accepted')
    } finally {
      await target.close()
    }
    const { headers } = target.requests[0]!
    expect(headers['webhook-timestamp']).toBe(String(clock.now() / 1_000))
    expect(headers['webhook-id']).toBe('key-1')
  })

  test('refuses a secret that is undefined, too short or not base64, and an address that is none', () => {
    const url = 'https://example.com/hook'
    expect(() => webhookNotifier({ url, secret: undefined })).toThrow(/^secret: is not set/)
    expect(() => webhookNotifier({ url, secret: 'whsec_c2hvcnQ=' })).toThrow(/24 to 64 bytes/)
    expect(() => webhookNotifier({ url, secret: 'not a secret!' })).toThrow(/openssl rand/)
    expect(() => webhookNotifier({ url: undefined })).toThrow(/^url: is not set/)
    expect(() => webhookNotifier({ url: 'javascript:alert(1)' })).toThrow(/^url: is not an http/)
  })

  test('fits a page that is too long into 20 kB, keeps the title and says how much is missing', async () => {
    const target = await startLoopback(() => ({ status: 204 }))
    const page = { ...samplePage, text: `first line\n${'ä detail\n'.repeat(20_000)}` }
    try {
      await webhookNotifier({ url: target.url }).send(page, context)
    } finally {
      await target.close()
    }
    const body = target.requests[0]!.body
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(20_000)
    const { data } = JSON.parse(body) as { data: { title: string; text: string; links: unknown[] } }
    expect(data.title).toBe(samplePage.title)
    expect(data.text).toMatch(/^first line\n/)
    expect(data.text).toMatch(/\(\+\d+ more lines\)$/)
    expect(data.links).toHaveLength(1)
  })
})
