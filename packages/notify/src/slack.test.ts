import { describe, expect, test } from 'vitest'
import { hostilePage, samplePage, startLoopback } from './testing/index.ts'
import { slackNotifier } from './slack.ts'

const context = { signal: new AbortController().signal, idempotencyKey: 'key-1', fetch: globalThis.fetch }
const token = 'xoxb-1234-canary-token'

interface Body {
  readonly text: string
  readonly blocks: readonly {
    readonly type: string
    readonly text?: { readonly text: string; readonly verbatim?: boolean }
  }[]
}

async function sent(page = samplePage, answer = { status: 200, body: 'ok' }) {
  const target = await startLoopback(() => answer)
  try {
    const outcome = await slackNotifier({ url: target.url })
      .send(page, context)
      .catch((error: unknown) => error)
    return { outcome, bodies: target.requests.map(({ body }) => JSON.parse(body) as Body) }
  } finally {
    await target.close()
  }
}

describe('slack', () => {
  test('shows level, service and figure on the phone, and stays within its limits', async () => {
    const { bodies } = await sent({ ...samplePage, title: 'T'.repeat(400), text: 'line & detail\n'.repeat(2_000) })
    const [header, ...sections] = bodies[0]!.blocks.map(({ text }) => text?.text.length ?? 0)
    expect(header).toBeLessThanOrEqual(150)
    expect(Math.max(...sections)).toBeLessThanOrEqual(3_000)
    expect(bodies[0]!.text.length).toBeLessThanOrEqual(4_000)
    expect(JSON.stringify(bodies[0])).toMatch(/\(\+\d+ more lines\)/)
  })

  test('can mention nobody and make no link of what others wrote', async () => {
    const { bodies } = await sent(hostilePage)
    const shown = JSON.stringify(bodies[0])
    for (const section of bodies[0]!.blocks.filter(({ type }) => type === 'section')) {
      expect(section.text!.verbatim).toBe(true)
      expect(section.text!.text).not.toMatch(/<[!@h]/)
    }
    expect(bodies[0]!.text).not.toContain('<!channel>')
    expect(shown).toContain('&lt;!channel&gt;')
  })

  test.each([
    ['{"ok":false,"error":"rate_limited","retry_after":30}', 'throttled', 30_000],
    ['{"ok":false,"error":"internal_error"}', 'transient', undefined],
    ['no_service', 'permanent', undefined],
    ['', 'permanent', undefined],
  ])('a 200 that says %j is no delivery but %s', async (body, outcome, retryAfterMs) => {
    const { outcome: error } = await sent(samplePage, { status: 200, body })
    expect(error).toMatchObject({
      code: 'NOTIFY_FAILED',
      outcome,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
  })

  test('says it as plain text when Slack cannot lay it out', async () => {
    const target = await startLoopback((_request, number) =>
      number === 1 ? { status: 400, body: 'invalid_blocks' } : { status: 200, body: 'ok' },
    )
    try {
      expect(await slackNotifier({ url: target.url }).send(samplePage, context)).toEqual({ state: 'delivered' })
    } finally {
      await target.close()
    }
    expect(JSON.parse(target.requests[1]!.body)).toEqual({ text: samplePage.title })
  })

  test('a bot continues the thread and edits the message that started it', async () => {
    const target = await startLoopback((_request, number) => ({
      body: `{"ok":true,"channel":"C9","ts":"171.00${number}"}`,
    }))
    const notifier = slackNotifier({ token, channel: 'C1', apiUrl: target.url })
    try {
      const previous = await notifier.send(samplePage, context)
      expect(previous).toEqual({ state: 'delivered', id: '171.001', thread: 'C9 171.001' })
      const update = await notifier.send({ ...samplePage, kind: 'update' }, { ...context, previous })
      expect(update.thread).toBe('C9 171.001')
    } finally {
      await target.close()
    }
    expect(target.requests.map(({ path }) => path)).toEqual(['/chat.postMessage', '/chat.postMessage', '/chat.update'])
    expect(JSON.parse(target.requests[1]!.body)).toMatchObject({ channel: 'C9', thread_ts: '171.001' })
    expect(JSON.parse(target.requests[2]!.body)).toMatchObject({ channel: 'C9', ts: '171.001' })
  })

  test('refuses unset options by name', () => {
    expect(() => slackNotifier({ url: undefined })).toThrow(/^url: is not set/)
    expect(() => slackNotifier({ token: undefined, channel: 'C1' })).toThrow(/^token: is not set/)
    expect(() => slackNotifier({ token, channel: undefined })).toThrow(/^channel: is not set/)
  })
})
