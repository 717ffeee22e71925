import { describe, expect, test } from 'vitest'
import { errorFromAnswer } from './from-answer.ts'

function read(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return errorFromAnswer(
    {
      status,
      headers: new Headers(headers),
      body: text,
      method: 'POST',
      path: '/v1/apps/shop/machines/m1',
      requestId: '01JR-ams',
    },
    Date.parse('2026-11-23T02:00:00Z'),
  )
}

describe('Fly uses one status for several things; its words decide', () => {
  test.each([
    [400, { error: 'invalid_argument: invalid WaitMachineRequest.Timeout' }, 'FLY_INVALID_REQUEST'],
    [401, { error: 'Authenticate: token validation error' }, 'FLY_UNAUTHORIZED'],
    [403, { error: 'unauthorized' }, 'FLY_FORBIDDEN'],
    [404, { error: 'not_found: machine not found' }, 'FLY_NOT_FOUND'],
    [408, { error: 'deadline_exceeded: machine failed to reach desired state' }, 'TIMEOUT'],
    [408, '', 'TIMEOUT'],
    [
      409,
      { error: 'aborted: machine ID m1 lease currently held by ci@example.com, expires at 2026-02-01T12:00:13Z' },
      'FLY_LEASE_HELD',
    ],
    [409, { status: 'error', message: 'machine m1 has a lease', code: 'invalid' }, 'FLY_LEASE_HELD'],
    [409, { error: 'aborted: machine is replacing: concurrent update in progress' }, 'FLY_UPDATE_IN_PROGRESS'],
    [409, { error: 'aborted: current_version 01A does not match' }, 'FLY_STALE_VERSION'],
    [
      409,
      { error: 'could not reserve resource for machine: insufficient memory available to fulfill request' },
      'FLY_CAPACITY',
    ],
    [409, { error: 'already_exists: unique machine name violation, machine ID 1' }, 'FLY_CONFLICT'],
    [412, { error: "failed_precondition: unable to start machine from current state: 'created'" }, 'FLY_PRECONDITION'],
    [412, { error: "insufficient resources to create new machine with existing volume 'vol_1'" }, 'FLY_CAPACITY'],
    [422, { error: 'Validation failed: Name has already been taken', status: 'name_taken' }, 'FLY_NAME_TAKEN'],
    [422, { error: 'please add a payment method' }, 'FLY_INVALID_REQUEST'],
    [422, { detail: 'release has already finished' }, 'FLY_INVALID_REQUEST'],
    [429, '', 'FLY_RATE_LIMITED'],
    [500, { error: 'internal' }, 'FLY_PLATFORM'],
    [502, '<html><body>Bad gateway</body></html>', 'FLY_PLATFORM'],
    [
      503,
      { error: 'unavailable: deploys to this host are temporarily disabled, please try again' },
      'FLY_HOST_MAINTENANCE',
    ],
    [504, 'upstream timeout', 'FLY_PLATFORM'],
    [418, '', 'FLY_INVALID_REQUEST'],
  ])('%i %j is %s', (status, body, code) => {
    expect(read(status, body).code).toBe(code)
  })
})

test('a lease conflict names the holder and until when', () => {
  expect(
    read(409, {
      error: 'aborted: machine ID m1 lease currently held by ci@example.com, expires at 2026-02-01T12:00:13Z',
    }),
  ).toMatchObject({ holder: 'ci@example.com', until: '2026-02-01T12:00:13Z', ambiguous: false, retryable: false })
})

test('what may have had its effect is ambiguous, what was refused is not', () => {
  expect(read(504, '').ambiguous).toBe(true)
  expect(read(408, '').ambiguous).toBe(true)
  expect(read(429, '').ambiguous).toBe(false)
  expect(read(400, '').ambiguous).toBe(false)
})

test.each([
  [{ 'retry-after': '20' }, 20_000],
  [{ 'retry-after': 'Mon, 23 Nov 2026 02:00:30 GMT' }, 30_000],
  [{}, undefined],
])('429 with %j asks for %s ms', (headers, expected) => {
  expect(read(429, '', headers as Record<string, string>).retryAfterMs).toBe(expected)
})

test('an error says where it happened: status, request id, method, path', () => {
  expect(read(500, { error: 'internal' })).toMatchObject({
    status: 500,
    requestId: '01JR-ams',
    method: 'POST',
    path: '/v1/apps/shop/machines/m1',
  })
})

test('control characters and endless texts of an answer do not reach a terminal', () => {
  const { message } = read(400, { error: `\u001b]8;;http://evil\u0007${'x'.repeat(10_000)}` })
  expect(message).not.toMatch(/[\u0000-\u001f]/) // oxlint-disable-line eslint/no-control-regex
  expect(message.length).toBeLessThan(500)
})
