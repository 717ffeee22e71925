import { AssertionError, strict as assert } from 'node:assert'
import { expect, test } from 'vitest'
import { NotifyError, type Notifier, type SendContext } from '@firebreak/core'
import { describeNotifier, type NotifierFactory } from './index.ts'

/** Another runner than ours: the suite depends on none. Gives the titles of the tests that fail. */
async function failuresOf(factory: NotifierFactory): Promise<string[]> {
  const tests: { title: string; body: () => Promise<void> | void }[] = []
  const matchers = (value: unknown, negated: boolean) => {
    const check = (holds: boolean, said: string) => {
      if (holds === negated) throw new AssertionError({ message: said })
    }
    return {
      toBe: (other: unknown) => check(Object.is(value, other), `${String(value)} is ${String(other)}`),
      toEqual: (other: unknown) => check(JSON.stringify(value) === JSON.stringify(other), 'equal'),
      toContain: (other: unknown) => check((value as string).includes(other as string), `contains ${String(other)}`),
      toMatch: (pattern: RegExp) => check(pattern.test(value as string), `matches ${String(pattern)}`),
    }
  }
  describeNotifier('x', factory, {
    describe: (_name, body) => body(),
    test: (title, body) => void tests.push({ title, body }),
    expect: (value) => ({ ...matchers(value, false), not: matchers(value, true) }),
  })
  assert(tests.length > 35)
  const failures: string[] = []
  for (const { title, body } of tests) {
    try {
      await body()
    } catch {
      failures.push(title)
    }
  }
  return failures
}

function sending(url: string, send: (context: SendContext, post: () => Promise<Response>) => Promise<void>): Notifier {
  return {
    name: 'x',
    async send(_page, context) {
      const { fetch, signal, idempotencyKey: body } = context
      await send(context, () => fetch(url, { method: 'POST', body, signal }))
      return { state: 'delivered' }
    },
  }
}

async function accepted(response: Response): Promise<void> {
  if (!response.ok) throw await NotifyError.fromResponse(response)
}

test('a plain notifier that keeps its duties passes', async () => {
  const failures = await failuresOf(({ url }) => sending(url, async (_context, post) => accepted(await post())))
  expect(failures).toEqual([])
})

test.each([
  ['takes every answer for a delivery', /^refuses 500/, sendingAnyway],
  ['retries by itself', /^leaves trying again to the pager/, retrying],
  ['tells its address', /^refuses 400/, telling],
  ['calls everything permanent', /^refuses 503|429/, permanent],
  ['does not use the fetch it is given', /^gives a receipt/, ownFetch],
  ['sends after it was stopped', /^does not begin/, unstoppable],
  ['claims that repetitions are dropped, and sends others', /^says the same/, neverTheSame],
])('a notifier that %s fails', async (_what, title, make) => {
  const failures = await failuresOf(({ url }) => make(url))
  expect(failures.some((failure) => title.test(failure))).toBe(true)
})

function sendingAnyway(url: string): Notifier {
  return sending(url, async (_context, post) => void (await post()))
}

function retrying(url: string): Notifier {
  return sending(url, async (_context, post) => {
    const first = await post()
    await accepted(first.status === 503 ? await post() : first)
  })
}

function telling(url: string): Notifier {
  return sending(url, async (_context, post) => {
    const { ok, status } = await post()
    if (!ok)
      throw new NotifyError({ outcome: status === 408 ? 'transient' : 'permanent', message: `${url} said ${status}` })
  })
}

function permanent(url: string): Notifier {
  return sending(url, async (_context, post) => {
    const { ok, status } = await post()
    if (!ok) throw new NotifyError({ outcome: 'permanent', message: `answered ${status}` })
  })
}

function ownFetch(url: string): Notifier {
  return sending(url, async ({ signal }) => accepted(await globalThis.fetch(url, { method: 'POST', signal })))
}

function unstoppable(url: string): Notifier {
  return sending(url, async ({ fetch, signal }) => {
    const response = await fetch(url, { method: 'POST', signal: signal.aborted ? null : signal })
    await accepted(response)
  })
}

function neverTheSame(url: string): Notifier {
  let count = 0
  const notifier = sending(url, async ({ fetch, signal }) => {
    count += 1
    await accepted(await fetch(url, { method: 'POST', body: String(count), signal }))
  })
  return { ...notifier, deduplicates: true }
}
