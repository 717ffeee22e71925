import { describe, expect, test } from 'vitest'
import type { Page } from '@firebreak/core'
import { discordNotifier } from './discord.ts'
import { asked, conversation, form, json } from './fixtures/conversation.ts'
import { jsmNotifier } from './jsm.ts'
import { ntfyNotifier } from './ntfy.ts'
import { pushoverNotifier } from './pushover.ts'
import { smsText } from './sms-text.ts'
import { teamsNotifier } from './teams.ts'
import { telegramNotifier } from './telegram.ts'
import { hostilePage, samplePage, targetManners } from './testing/index.ts'
import { septets } from './text/gsm.ts'
import { twilioNotifier } from './twilio.ts'
import { webhookNotifier } from './webhook.ts'

const update: Page = { ...samplePage, kind: 'update', reason: 'verified', title: 'P0 web: verified' }
const resolve: Page = { ...samplePage, kind: 'resolve', reason: 'resolved', title: 'P0 web: resolved' }
const long: Page = { ...samplePage, title: 'T'.repeat(2_000), text: 'detail with ümlauts & more\n'.repeat(3_000) }

test('an address with credentials is refused when it is given, without a word of them: no request is sent with it', () => {
  for (const credentials of ['user:hunter2@', 'hunter2@', ':hunter2@']) {
    const url = `https://${credentials}hooks.example.com/x`
    for (const make of [
      () => webhookNotifier({ url }),
      () => discordNotifier({ url }),
      () => ntfyNotifier({ topic: 'ops', url }),
      () => telegramNotifier({ token: '1:a', chatId: 1, apiUrl: url }),
    ]) {
      expect(make).toThrow(/rl: holds a user name or a password.*headers/)
      expect(make).not.toThrow(/hunter2|user:/)
    }
  }
})

describe('discord', () => {
  const make = (url: string) => discordNotifier({ url: `${url}/api/webhooks/1/tok?thread_id=9` })

  test('asks whether the message was saved, mentions nobody, keeps the thread', async () => {
    const { requests, receipts } = await conversation(make, () => targetManners.discord.accepts, samplePage)
    expect(requests[0]!.path).toBe('/api/webhooks/1/tok?thread_id=9&wait=true')
    expect(json(requests[0])).toMatchObject({ allowed_mentions: { parse: [] }, content: '' })
    expect(receipts).toEqual([{ state: 'delivered', id: '1103', thread: '1103' }])
  })

  test('edits the first message for news, and posts silently when somebody deleted it', async () => {
    const edited = await conversation(make, () => targetManners.discord.accepts, samplePage, update)
    expect(edited.requests.map(({ method, path }) => `${method} ${path}`)[1]).toBe(
      'PATCH /api/webhooks/1/tok/messages/1103?thread_id=9',
    )
    const gone = { status: 404, body: '{"message":"Unknown Message","code":10008}' }
    const answer = ({ method }: { method: string }) => (method === 'PATCH' ? gone : targetManners.discord.accepts)
    const { requests, error } = await conversation(make, answer, samplePage, update)
    expect(error).toBeUndefined()
    expect(json(requests[2])).toMatchObject({ flags: 4_096 })
  })

  test('never tries a deleted webhook again', async () => {
    const notifier = { it: undefined as ReturnType<typeof make> | undefined }
    const remembered = (url: string) => (notifier.it ??= make(url))
    const dead = { status: 404, body: '{"message":"Unknown Webhook","code":10015}' }
    const first = await conversation(remembered, () => dead, samplePage)
    const second = await conversation(remembered, () => dead, samplePage)
    expect(first.requests).toHaveLength(1)
    expect(second.requests).toHaveLength(0)
    expect(second.error).toMatchObject({ outcome: 'permanent', status: 404 })
  })

  test('stays within its limits, whatever the text is', async () => {
    const { requests } = await conversation(make, () => targetManners.discord.accepts, long)
    const [embed] = (
      json(requests[0]) as { embeds: { title: string; description: string; footer: { text: string } }[] }
    ).embeds
    expect(embed!.title.length).toBeLessThanOrEqual(256)
    expect(embed!.description.length).toBeLessThanOrEqual(4_096)
    expect(embed!.title.length + embed!.description.length + embed!.footer.text.length).toBeLessThanOrEqual(6_000)
    expect(embed!.description).toMatch(/more lines/)
    expect(embed!.description).toContain('https://fb.example.com/i/7K42')
  })
})

describe('teams', () => {
  const make = (url: string) => teamsNotifier({ url })

  test('a Workflow only accepts; an old connector that says 1 has delivered', async () => {
    const flow = await conversation(make, () => ({ status: 202 }), samplePage)
    const old = await conversation(make, () => ({ status: 200, body: '1' }), samplePage)
    expect([flow.receipts[0]!.state, old.receipts[0]!.state]).toEqual(['accepted', 'delivered'])
  })

  test('fits 20 kB, and a quarter of that when it was still too much', async () => {
    const { requests, receipts } = await conversation(
      make,
      (_request, number) => (number === 1 ? { status: 413 } : { status: 202 }),
      long,
    )
    const sizes = requests.map(({ body }) => Buffer.byteLength(body))
    expect(sizes[0]).toBeLessThanOrEqual(20_000)
    expect(sizes[1]).toBeLessThanOrEqual(5_000)
    expect(receipts).toHaveLength(1)
  })

  test('writes nothing that Teams would render as Markdown', async () => {
    const { requests } = await conversation(make, () => ({ status: 202 }), hostilePage)
    const types = requests[0]!.body.match(/"type":"[A-Za-z.]*Text[A-Za-z]*"/g)
    expect(new Set(types)).toEqual(new Set(['"type":"RichTextBlock"', '"type":"TextRun"']))
  })
})

describe('telegram', () => {
  const make = (url: string) => telegramNotifier({ token: '1:abcdefgh', chatId: '-100', apiUrl: url })

  test('answers the first message without a sound, and calls nobody', async () => {
    const { requests, receipts } = await conversation(make, () => targetManners.telegram.accepts, hostilePage, update)
    expect(requests[0]!.path).toBe('/bot1:abcdefgh/sendMessage')
    expect(json(requests[0])['text']).not.toMatch(/@\w/)
    expect(json(requests[0])).not.toHaveProperty('parse_mode')
    expect(json(requests[1])).toMatchObject({
      disable_notification: true,
      reply_parameters: { message_id: 42, allow_sending_without_reply: true },
    })
    expect(receipts.map(({ thread }) => thread)).toEqual(['42', '42'])
  })

  test('follows a group that moved, and stays there', async () => {
    const moved = { status: 400, body: '{"ok":false,"error_code":400,"parameters":{"migrate_to_chat_id":-200}}' }
    const answer = ({ body }: { body: string }) => (body.includes('"-100"') ? moved : targetManners.telegram.accepts)
    const { requests, receipts } = await conversation(make, answer, samplePage, update)
    expect(requests.map((request) => json(request)['chat_id'])).toEqual(['-100', -200, -200])
    expect(receipts).toHaveLength(2)
  })

  test('cuts to 4,096 characters and says what is missing', async () => {
    const { requests } = await conversation(make, () => targetManners.telegram.accepts, long)
    const text = json(requests[0])['text'] as string
    expect(text.length).toBeLessThanOrEqual(4_096)
    expect(text).toMatch(/more lines\)$/)
  })
})

describe('ntfy', () => {
  const make = (url: string) => ntfyNotifier({ topic: 'secret-topic', url })

  test('wakes at priority 5, tells news quietly under the same sequence', async () => {
    const { requests, receipts } = await conversation(
      make,
      () => targetManners.ntfy.accepts,
      samplePage,
      update,
      resolve,
    )
    expect(requests.map((request) => json(request)['priority'])).toEqual([5, 2, 2])
    expect(requests.map((request) => json(request)['sequence_id'])).toEqual(['key-1', 'key-1', 'key-1'])
    expect(receipts[2]!.thread).toBe('key-1')
  })

  test('stays within 4,096 bytes, so that it does not become an attachment', async () => {
    const { requests } = await conversation(make, () => targetManners.ntfy.accepts, long)
    expect(Buffer.byteLength(json(requests[0])['message'] as string)).toBeLessThanOrEqual(4_096)
  })

  test('refuses an unset topic, and a token that was meant and is unset', () => {
    expect(() => ntfyNotifier({ topic: undefined })).toThrow(/^topic: is not set/)
    expect(() => ntfyNotifier({ topic: 't', token: undefined })).toThrow(/^token: is not set/)
  })
})

describe('pushover', () => {
  const make = (url: string) => pushoverNotifier({ token: 'app-token', user: 'user-key', apiUrl: url })
  const receipt = 'KAWXTsWxaT2SyzVJNzGhFARhVQfnQS'

  test('P0 is an emergency with its repetition; an acknowledgement stops it', async () => {
    const { requests, receipts } = await conversation(make, () => targetManners.pushover.accepts, samplePage, {
      ...update,
      kind: 'acknowledge',
    })
    expect(form(requests[0])).toMatchObject({
      priority: '2',
      retry: '60',
      expire: '600',
      url: 'https://fb.example.com/i/7K42',
    })
    expect(form(requests[1])).toMatchObject({ priority: '-1' })
    expect(requests[2]!.path).toBe(`/1/receipts/${receipt}/cancel.json`)
    expect(receipts[0]).toEqual({ state: 'accepted', id: receipt, thread: receipt })
  })

  test.each([
    ['{"status":1,"acknowledged":1}', 'delivered'],
    ['{"status":1,"acknowledged":0,"last_delivered_at":1360001238}', 'delivered'],
    ['{"status":1,"acknowledged":0,"last_delivered_at":0,"expired":0}', 'accepted'],
  ])('confirm reads %s as %s', async (body, state) => {
    const { receipt: answer, requests } = await asked(make, () => ({ body }), { state: 'accepted', id: receipt })
    expect(answer!.state).toBe(state)
    expect(requests[0]!.path).toBe(`/1/receipts/${receipt}.json?token=app-token`)
  })

  test('confirm says so when no device took it', async () => {
    const body = '{"status":1,"acknowledged":0,"last_delivered_at":0,"expired":1}'
    const { error } = await asked(make, () => ({ body }), { state: 'accepted', id: receipt })
    expect(error).toMatchObject({ outcome: 'permanent' })
  })

  test('stays within its limits', async () => {
    const { requests } = await conversation(make, () => targetManners.pushover.accepts, long)
    expect(form(requests[0])['title']!.length).toBeLessThanOrEqual(250)
    expect(form(requests[0])['message']!.length).toBeLessThanOrEqual(1_024)
  })
})

describe('jsm', () => {
  const make = (url: string) => jsmNotifier({ apiKey: 'key-key-key', apiUrl: `${url}/v2` })

  test('opens an alert under an alias and closes it', async () => {
    const { requests, receipts } = await conversation(make, () => targetManners.jsm.accepts, samplePage, resolve)
    expect(requests.map(({ path }) => path)).toEqual([
      '/v2/alerts',
      '/v2/alerts/incident%2Fhotdash-agent-service%2F1%2F7K42%2FP0/close?identifierType=alias',
    ])
    expect(json(requests[0])).toMatchObject({ priority: 'P1', alias: 'incident/hotdash-agent-service/1/7K42/P0' })
    expect(requests[0]!.headers['authorization']).toBe('GenieKey key-key-key')
    expect(receipts[0]!.state).toBe('accepted')
  })

  test.each([
    [200, '{"data":{"success":true,"isSuccess":true,"status":"Created alert"}}', 'delivered'],
    [404, '{"message":"Request not found"}', 'accepted'],
    [200, '{"data":{}}', 'accepted'],
  ])('confirm: %s %s means %s', async (status, body, state) => {
    const { receipt } = await asked(make, () => ({ status, body }), { state: 'accepted', id: 'r1' })
    expect(receipt!.state).toBe(state)
  })

  test('confirm tells what was accepted and then refused', async () => {
    const body = '{"data":{"success":false,"isSuccess":false,"status":"Alert does not exist"}}'
    const { error } = await asked(make, () => ({ body }), { state: 'accepted', id: 'r1' })
    expect(error).toMatchObject({ outcome: 'permanent', message: expect.stringContaining('Alert does not exist') })
  })

  test('stays within its limits', async () => {
    const { requests } = await conversation(make, () => targetManners.jsm.accepts, long)
    const { message, description } = json(requests[0]) as { message: string; description: string }
    expect(message.length).toBeLessThanOrEqual(130)
    expect(description.length).toBeLessThanOrEqual(15_000)
  })
})

describe('twilio', () => {
  const options = { accountSid: 'AC1', authToken: 'auth-token', from: '+4930111', to: '+4930222' }
  const make = (url: string) => twilioNotifier({ ...options, apiUrl: url })

  test('waits in the network no longer than the next step of the ladder', async () => {
    const { requests, receipts } = await conversation(make, () => targetManners.twilio.accepts, samplePage)
    expect(requests[0]!.path).toBe('/2010-04-01/Accounts/AC1/Messages.json')
    expect(form(requests[0])).toMatchObject({ To: '+4930222', From: '+4930111', ValidityPeriod: '300' })
    expect(receipts).toEqual([{ state: 'accepted', id: 'SM1' }])
  })

  test.each([
    ['delivered', 'delivered'],
    ['sent', 'accepted'],
  ])('confirm reads %s as %s', async (status, state) => {
    const answer = () => ({ body: JSON.stringify({ sid: 'SM1', status }) })
    const { receipt } = await asked(make, answer, { state: 'accepted', id: 'SM1' })
    expect(receipt!.state).toBe(state)
  })

  test('confirm says why the carrier did not deliver', async () => {
    const answer = () => ({ body: '{"sid":"SM1","status":"undelivered","error_code":30003}' })
    const { error } = await asked(make, answer, { state: 'accepted', id: 'SM1' })
    expect(error).toMatchObject({ outcome: 'permanent', message: expect.stringContaining('30003') })
  })

  test('refuses unset options by name', () => {
    expect(() => twilioNotifier({ ...options, authToken: undefined })).toThrow(/^authToken: is not set/)
    expect(() => twilioNotifier({ ...options, to: '' })).toThrow(/^to: is not set/)
    expect(() => twilioNotifier({ ...options, from: undefined })).toThrow(/^from: is not set/)
    expect(() => twilioNotifier({ ...options, validitySeconds: 0 })).toThrow(/^validitySeconds/)
  })
})

describe('a short message', () => {
  test('says what, since, code, what happens next and where to look, in two segments', () => {
    expect(smsText(samplePage)).toBe(
      'P0 hotdash-agent-service: 60% of requests fail since 03:02 CET, after release v3 (7K42). 03:08:35 CET no acknowledgement: Engineer is paged fb.example.com/i/7K42',
    )
  })

  test.each([hostilePage, long, { ...samplePage, title: '漢字 emoji 🔥 ü é [x] {y}', links: [] }])(
    'is carried by the plain alphabet and never longer than two segments',
    (page) => {
      expect(septets(smsText(page))).toBeLessThanOrEqual(306)
    },
  )
})
