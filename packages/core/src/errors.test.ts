import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import {
  AbortedError,
  ClaimLost,
  FirebreakError,
  IdConflict,
  InvalidInput,
  NetworkError,
  NotifyError,
  required,
  TimeoutError,
  UnitChanged,
  VersionConflict,
} from './index.ts'
import { canaries, findCanary } from './testing/index.ts'

const each = (text: string, cause?: unknown): FirebreakError[] => [
  new FirebreakError({ code: 'OWN', message: text, cause }),
  new AbortedError(text, cause),
  new TimeoutError(text, 5, cause),
  new NetworkError(text, cause),
  new InvalidInput('field', text),
  new InvalidInput(text, 'is wrong'),
  new NotifyError({ outcome: 'permanent', message: text, cause }),
  new UnitChanged('m1', text, cause),
]

test('abort, timeout and network are classes of their own, with their own names and codes', () => {
  const errors = [
    ...each('x').slice(1, 4),
    new VersionConflict('s', 2, '1'),
    new IdConflict('s', 'i'),
    new ClaimLost('k'),
  ]
  expect(errors.map(({ name, code }) => [name, code])).toEqual([
    ['AbortedError', 'ABORTED'],
    ['TimeoutError', 'TIMEOUT'],
    ['NetworkError', 'NETWORK'],
    ['VersionConflict', 'VERSION_CONFLICT'],
    ['IdConflict', 'ID_CONFLICT'],
    ['ClaimLost', 'CLAIM_LOST'],
  ])
  for (const error of errors) expect(FirebreakError.isInstance(error)).toBe(true)
})

test('what is no error of ours is none', () => {
  for (const other of [new Error('x'), null, undefined, 'FirebreakError', { code: 'ABORTED' }])
    expect(FirebreakError.isInstance(other)).toBe(false)
})

test('no secret gets into a message, a stack, or what a console prints of an error and its causes', () => {
  // Cards and addresses may be what an error is about; tokens never are.
  for (const canary of canaries.slice(0, -3)) {
    const cause = new Error(`inner ${canary}`, { cause: new TypeError(`innermost ${canary}`, { cause: canary }) })
    for (const error of each(`failed with ${canary}`, cause))
      expect(findCanary([error.message, error.stack, inspect(error, { depth: 10 })].join('\n')), canary).toBeUndefined()
  }
})

test('a cause without a secret is kept as it is, one with a secret keeps its name, code and shape', () => {
  const harmless = Object.assign(new Error('ECONNREFUSED'), { code: 'ECONNREFUSED' })
  expect(new NetworkError('no answer', harmless).cause).toBe(harmless)
  const leaky = Object.assign(new TypeError(`to ${canaries[7]}`), { code: 'ENOTFOUND' })
  const { cause } = new NetworkError('no answer', leaky)
  expect(cause).toMatchObject({
    name: 'TypeError',
    code: 'ENOTFOUND',
    message: 'to postgres://[redacted]@db.internal:5432/shop',
  })
  expect(new NetworkError('x')).not.toHaveProperty('cause')
})

test('a needed secret that is unset names the option and where it goes', () => {
  for (const unset of [undefined, null, ''] as const)
    expect(() => required(unset, 'token', 'createFly()')).toThrow('token: is not set; pass it to createFly()')
  expect(required('value', 'token', 'createFly()')).toBe('value')
  expect(required(0, 'port', 'listen()')).toBe(0)
})

test('an answer that is no delivery says whether to try again', async () => {
  const outcomes: [number, string][] = [
    [429, 'throttled'],
    [408, 'transient'],
    [425, 'transient'],
    [500, 'transient'],
    [502, 'transient'],
    [503, 'transient'],
    [504, 'ambiguous'],
    [400, 'permanent'],
    [401, 'permanent'],
    [403, 'permanent'],
    [404, 'permanent'],
    [410, 'permanent'],
    [413, 'permanent'],
    [301, 'permanent'],
  ]
  for (const [status, outcome] of outcomes)
    expect((await NotifyError.fromResponse(new Response('why', { status }))).outcome, String(status)).toBe(outcome)
  const error = await NotifyError.fromResponse(
    new Response(`{"retry_after":3,"token":"${canaries[4]}"}`, { status: 429 }),
  )
  expect(error).toMatchObject({ retryAfterMs: 3_000, status: 429 })
  expect(findCanary(error.message)).toBeUndefined()
})

test('a body that is endless or breaks off is no reason to fail otherwise', async () => {
  const breaking = new ReadableStream({ pull: (controller) => controller.error(new Error('cut')) })
  expect((await NotifyError.fromResponse(new Response(breaking, { status: 500 }))).message).toBe('answered 500')
  let pulls = 0
  const endless = new ReadableStream({
    pull(controller) {
      pulls += 1
      controller.enqueue(new TextEncoder().encode('x'.repeat(1_024)))
    },
  })
  expect((await NotifyError.fromResponse(new Response(endless, { status: 500 }))).message.length).toBeLessThan(400)
  expect(pulls).toBeLessThan(20)
})
