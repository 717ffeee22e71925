import { inspect } from 'node:util'
import type { Notifier, NotifyOutcome, Receipt, SendContext } from '@firebreak/core'
import type { Runner } from '@firebreak/core/testing'
import { startLoopback, type Loopback, type LoopbackAnswer } from './loopback.ts'
import { hostilePage, samplePage } from './sample-pages.ts'
import { statusTable, throttleTable, type StatusCase } from './status-table.ts'

/** Makes the notifier under test, sending to `url` and nowhere else. */
export type NotifierFactory = (target: {
  readonly url: string
  readonly fetch: typeof globalThis.fetch
}) => Notifier | Promise<Notifier>

export interface DescribeNotifierOptions {
  /** How this target says yes; default: 200 and `ok`. */
  readonly accepts?: LoopbackAnswer | undefined
  /** Where this target means something else by a status. */
  readonly outcomes?: Readonly<Partial<Record<number, NotifyOutcome>>> | undefined
  /** Secrets given to the factory besides the address: they must never be read in an error. */
  readonly secrets?: readonly string[] | undefined
}

const idempotencyKey = '0190a8f0-7c4e-7cc1-9c5d-3f2b1a0e9d8c'

/** Part of every address: whoever reads it can write to the target. */
const canary = 'canary-5up3r53cr37'

/**
 * What every notifier over HTTP must do, as named tests on real loopback servers: a receipt for a delivery, a `NotifyError`
 * with the right outcome for everything else, its context's `fetch` and signal respected, no secret in any error. Give it
 * your runner's own functions.
 */
export function describeNotifier(
  name: string,
  factory: NotifierFactory,
  runner: Runner,
  options: DescribeNotifierOptions = {},
): void {
  const { describe, test, expect } = runner
  const accepts = options.accepts ?? { status: 200, body: 'ok' }

  async function withTarget<T>(
    answer: Parameters<typeof startLoopback>[0],
    body: (notifier: Notifier, target: Loopback) => Promise<T>,
  ): Promise<T> {
    const target = await startLoopback(answer)
    try {
      return await body(await factory({ url: `${target.url}/${canary}`, fetch: globalThis.fetch }), target)
    } finally {
      await target.close()
    }
  }

  async function refusal(answer: LoopbackAnswer): Promise<Rejection> {
    return withTarget(
      ({ path }) => (path === '/moved' ? { status: 404 } : answer),
      (notifier) => rejection(notifier.send(samplePage, contextFor())),
    )
  }

  function keepsSecrets(error: unknown): void {
    const shown = `${inspect(error, { depth: 10, showHidden: true })} ${String((error as Error).stack)}`
    for (const secret of [canary, ...(options.secrets ?? [])]) expect(shown).not.toContain(secret)
  }

  describe(`the notifier ${name}`, () => {
    test('has a name, a reach, and is quiet only about kinds that exist', async () => {
      await withTarget(
        () => accepts,
        async (notifier) => {
          expect(notifier.name.trim() === '').toBe(false)
          expect(['record', 'read', 'wake']).toContain(notifier.reach ?? 'read')
          for (const kind of notifier.quiet ?? [])
            expect(['trigger', 'update', 'acknowledge', 'resolve']).toContain(kind)
        },
      )
    })

    test('gives a receipt for a delivery, through the fetch of its context', async () => {
      await withTarget(
        () => accepts,
        async (notifier, target) => {
          let calls = 0
          const counting: typeof globalThis.fetch = (input, init) => {
            calls += 1
            return globalThis.fetch(input, init)
          }
          const receipt: Receipt = await notifier.send(samplePage, contextFor({ fetch: counting }))
          expect(['accepted', 'delivered']).toContain(receipt.state)
          expect(calls).toBe(target.requests.length)
          expect(calls > 0).toBe(true)
        },
      )
    })

    test('delivers a page full of what attackers write, and one that is far too long', async () => {
      await withTarget(
        () => accepts,
        async (notifier) => {
          for (const page of [hostilePage, { ...samplePage, text: 'a long line of detail\n'.repeat(5_000) }]) {
            const { state } = await notifier.send(page, contextFor())
            expect(['accepted', 'delivered']).toContain(state)
          }
        },
      )
    })

    for (const { title, answer, outcome } of statusTable) {
      test(`refuses ${title} as ${expected(answer, outcome)}`, async () => {
        const { error } = await refusal(answer)
        expect(outcomeOf(error)).toBe(expected(answer, outcome))
        keepsSecrets(error)
      })
    }

    for (const { title, answer, outcome, retryAfterMs } of throttleTable) {
      test(`refuses 429 as ${expected(answer, outcome)} and reads how long to wait: ${title}`, async () => {
        const { error } = await refusal(answer)
        expect(outcomeOf(error)).toBe(expected(answer, outcome))
        if (expected(answer, outcome) === 'throttled')
          expect((error as { retryAfterMs?: number }).retryAfterMs).toBe(retryAfterMs)
        keepsSecrets(error)
      })
    }

    test('leaves trying again to the pager', async () => {
      await withTarget(
        () => ({ status: 503 }),
        async (notifier, target) => {
          await rejection(notifier.send(samplePage, contextFor()))
          expect(target.requests.length).toBe(1)
        },
      )
    })

    test('says the same, or hands over the key, when it claims that its target drops repetitions', async () => {
      await withTarget(
        () => accepts,
        async (notifier, { requests }) => {
          if (notifier.deduplicates !== true) return
          await notifier.send(samplePage, contextFor())
          await notifier.send(samplePage, contextFor())
          const [first, second] = requests.map(({ path, body }) => `${path}\n${body}`)
          const keyed = requests.filter((request) => JSON.stringify(request).includes(idempotencyKey))
          expect(first === second || keyed.length === requests.length).toBe(true)
        },
      )
    })

    test('rejects when the connection is dropped, and never calls that permanent', async () => {
      const { error } = await refusal({ ends: 'drop' })
      expect(outcomeOf(error) === 'permanent').toBe(false)
      keepsSecrets(error)
    })

    test('rejects when nobody listens, and never calls that permanent', async () => {
      const target = await startLoopback(() => accepts)
      await target.close()
      const notifier = await factory({ url: `${target.url}/${canary}`, fetch: globalThis.fetch })
      const { error } = await rejection(notifier.send(samplePage, contextFor()))
      expect(outcomeOf(error) === 'permanent').toBe(false)
      keepsSecrets(error)
    })

    test('calls a refusal that breaks off in the middle a refusal', async () => {
      const { error } = await refusal({ status: 400, body: '{"error":"half', ends: 'drop' })
      expect(error instanceof Error).toBe(true)
      keepsSecrets(error)
    })

    test('keeps an endless explanation out of its error', async () => {
      const { error } = await refusal({ status: 400, body: 'no '.repeat(1_000_000) })
      expect(outcomeOf(error)).toBe(expected({ status: 400 }, 'permanent'))
      expect((error as Error).message.length < 2_000).toBe(true)
    })

    test('keeps what it was authorized with out of its error when the target repeats it', async () => {
      const { error } = await withTarget(
        ({ headers }) => ({ status: 401, body: `denied: authorization: ${headers['authorization'] ?? 'none'}` }),
        (notifier) => rejection(notifier.send(samplePage, contextFor())),
      )
      keepsSecrets(error)
    })

    test('stops at its signal', async () => {
      await withTarget(
        () => ({ ends: 'hang' }),
        async (notifier, target) => {
          const controller = new AbortController()
          const sending = rejection(notifier.send(samplePage, contextFor({ signal: controller.signal })))
          let settled = false
          void sending
            .catch(() => undefined)
            .then(() => {
              settled = true
            })
          while (target.requests.length === 0 && !settled) await new Promise((resolve) => setImmediate(resolve)) // oxlint-disable-line house/clock-port
          controller.abort(new Error('stopped by the test'))
          keepsSecrets((await sending).error)
        },
      )
    })

    test('does not begin when its signal has been aborted', async () => {
      await withTarget(
        () => accepts,
        async (notifier, target) => {
          await rejection(notifier.send(samplePage, contextFor({ signal: AbortSignal.abort(new Error('stopped')) })))
          expect(target.requests.length).toBe(0)
        },
      )
    })
  })

  function expected({ status = 200 }: StatusCase['answer'], outcome: NotifyOutcome): NotifyOutcome {
    return options.outcomes?.[status] ?? outcome
  }
}

interface Rejection {
  readonly error: unknown
}

async function rejection(sending: Promise<Receipt>): Promise<Rejection> {
  const receipt = await sending.catch((error: unknown): Rejection => ({ error }))
  if ('error' in receipt) return receipt
  throw new Error(`a receipt (${receipt.state}) for what was not a delivery`)
}

/** Without one, the pager reads an error as `ambiguous`: the page may have gone out. */
function outcomeOf(error: unknown): string {
  const { code, outcome } = (error ?? {}) as { code?: unknown; outcome?: unknown }
  return code === 'NOTIFY_FAILED' && typeof outcome === 'string' ? outcome : 'ambiguous'
}

function contextFor(overrides: Partial<SendContext> = {}): SendContext {
  return {
    signal: new AbortController().signal,
    idempotencyKey,
    fetch: globalThis.fetch,
    ...overrides,
  }
}
