import { describe, expect, test } from 'vitest'
import { createBus, NotifyError, seededRandom, type Notifier } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { sendPage } from './send-page.ts'

const draft = { service: 'web', severity: 'P0', title: 'web is P0', text: '60% of requests fail' } as const
const options = () => ({ clock: createTestClock(), random: seededRandom(1) })

function scripted(name: string, ...answers: (NotifyError | 'ok')[]): Notifier & { keys: string[]; titles: string[] } {
  const keys: string[] = []
  const titles: string[] = []
  return {
    name,
    keys,
    titles,
    async send(page, { idempotencyKey }) {
      keys.push(idempotencyKey)
      titles.push(page.title)
      const answer = answers.shift() ?? 'ok'
      if (answer !== 'ok') throw answer
      return { state: 'delivered' }
    },
  }
}

describe('sendPage', () => {
  test('sends to all, keeps one key over all attempts, and tells the bus', async () => {
    const bus = createBus()
    const told: string[] = []
    bus.on('page.sent', ({ notifier }) => told.push(`sent ${notifier}`))
    bus.on('page.failed', ({ notifier, outcome }) => told.push(`failed ${notifier} ${outcome}`))
    const flaky = scripted('flaky', new NotifyError({ outcome: 'transient', message: 'no' }))
    const broken = scripted('broken', new NotifyError({ outcome: 'permanent', message: 'gone' }))
    const { clock, random } = options()
    const result = await clock.run(sendPage(draft, [flaky, broken], { bus, clock, random }))
    expect(told.toSorted()).toEqual(['failed broken permanent', 'sent flaky'])
    expect(new Set(flaky.keys).size).toBe(1)
    expect(flaky.keys).toHaveLength(2)
    expect(flaky.titles[1]).toBe('web is P0')
    expect(result.failed).toHaveLength(1)
    expect(clock.pending).toBe(0)
  })

  test('a repetition that may be one says so, unless the target deduplicates', async () => {
    const ambiguous = () => new NotifyError({ outcome: 'ambiguous', message: 'no answer' })
    const plain = scripted('plain', ambiguous())
    const deduplicating = { ...scripted('dedup', ambiguous()), deduplicates: true }
    const { clock, random } = options()
    await clock.run(sendPage(draft, [plain, deduplicating], { clock, random }))
    expect(plain.titles).toEqual(['web is P0', 'web is P0 (repeated)'])
    expect(deduplicating.titles).toEqual(['web is P0', 'web is P0'])
  })

  test('what may have been taken is not repeated below P1', async () => {
    const plain = scripted('plain', new NotifyError({ outcome: 'ambiguous', message: 'no answer' }))
    const { clock, random } = options()
    const sending = clock.run(sendPage({ ...draft, severity: 'P2' }, plain, { clock, random }))
    await expect(sending).rejects.toMatchObject({ code: 'PAGE_NOT_SENT' })
    expect(plain.keys).toHaveLength(1)
  })

  test('a target that asks for a wait gets it', async () => {
    const slow = scripted('slow', new NotifyError({ outcome: 'throttled', retryAfterMs: 9_000, message: 'slow down' }))
    const { clock, random } = options()
    const before = clock.now()
    const { sent } = await clock.run(sendPage(draft, slow, { clock, random }))
    expect(clock.now() - before).toBe(9_000)
    expect(sent[0]!.delayMs).toBe(9_000)
  })

  test('rejects when nobody was told, and names why', async () => {
    const { clock, random } = options()
    const gone = scripted('gone', new NotifyError({ outcome: 'permanent', message: 'answered 410' }))
    await expect(clock.run(sendPage(draft, gone, { clock, random }))).rejects.toMatchObject({
      code: 'PAGE_NOT_SENT',
      message: expect.stringContaining('gone: answered 410'),
    })
    await expect(sendPage(draft, [], { clock, random })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      field: 'notifiers',
    })
  })

  test('a notifier that hangs is given up at its time limit, one that ignores its signal too', async () => {
    const { clock, random } = options()
    const deaf: Notifier = { name: 'deaf', send: () => new Promise(() => undefined) }
    const sending = clock.run(sendPage(draft, deaf, { clock, random, timeoutMs: 100, retry: { attempts: 1 } }))
    await expect(sending).rejects.toMatchObject({ failed: [{ outcome: 'ambiguous' }] })
    expect(clock.pending).toBe(0)
  })

  test('stops when aborted, with the reason given', async () => {
    const { clock, random } = options()
    const reason = new Error('shutting down')
    const sending = sendPage(draft, scripted('x'), { clock, random, signal: AbortSignal.abort(reason) })
    await expect(sending).rejects.toBe(reason)
  })

  test.each([
    [{ service: '' }, 'page.service'],
    [{ title: '\u0000' }, 'page.title'],
    [{ severity: 'P4' }, 'page.severity'],
    [{ text: 7 }, 'page.text'],
    [{ kind: 'shout' }, 'page.kind'],
  ])('refuses a draft with %j and names the field', async (wrong, field) => {
    const sending = sendPage({ ...draft, ...wrong } as never, scripted('x'), options())
    await expect(sending).rejects.toMatchObject({ code: 'INVALID_INPUT', field })
  })
})
