import { expect, test } from 'vitest'
import { FirebreakError, type Notifier } from '@firebreak/core'
import { memoryLog } from '@firebreak/incident-log'
import { createResponder, standardRunbook } from './index.ts'

const publicUrl = 'http://127.0.0.1:8080'
const part = { name: 'own', plan: () => [] }
const phone: Notifier = { name: 'phone', reach: 'wake', send: async () => ({ state: 'delivered' }) }
const runbook = standardRunbook({ people: { manager: phone, engineer: phone } })
const token = (more: object = {}) => ({ name: 'bot', secret: 'bot-secret', scopes: ['incidents:read'], ...more })
const withHttp = (http: object) => ({ log: memoryLog(), parts: [], http: { publicUrl, ...http } })

/** What the refusal names, with its code; and its words, where they are more than a line or show a secret. */
function refusalOf(options: unknown): string {
  try {
    createResponder(options as Parameters<typeof createResponder>[0])
    return 'accepted'
  } catch (error) {
    if (!FirebreakError.isInstance(error)) throw error
    const { code, message, field } = error as FirebreakError & { field: string }
    return /secret-value|\n/.test(message) ? message : `${code} ${field}`
  }
}

test('what a responder cannot work with is refused when it is created, and named', () => {
  const log = memoryLog()
  const cases: [unknown, string][] = [
    [undefined, 'log'],
    [{ parts: [] }, 'log'],
    [{ log }, 'parts'],
    [{ log, parts: [part, null] }, 'parts[1]'],
    [{ log, parts: [{ name: 'own' }] }, 'parts[0]'],
    [{ log, parts: [runbook] }, 'parts[0]'],
    [{ log, parts: [part, { ...part }] }, 'parts[1]'],
    [{ log, parts: [], probes: {} }, 'probes'],
    [{ log, parts: [], probes: [null] }, 'probes[0]'],
    [{ log, parts: [], repeatEveryMs: -1 }, 'repeatEveryMs'],
    [{ log, parts: [], linkWithinMs: Number.NaN }, 'linkWithinMs'],
    [{ log, parts: [], probeEveryMs: 0 }, 'probeEveryMs'],
    [{ log, parts: [], pollEveryMs: '5' }, 'pollEveryMs'],
    [{ log, parts: [], holdFile: '' }, 'holdFile'],
    [{ log, parts: [], holdFile: 5 }, 'holdFile'],
    [{ log, parts: [], mostInMemory: -1 }, 'mostInMemory'],
    [{ log, parts: [], acknowledgementLapsesAfterMs: { P0: -1 } }, 'acknowledgementLapsesAfterMs.P0'],
    [{ log, parts: [], logger: { info: () => undefined } }, 'logger.debug'],
    [withHttp({ publicUrl: 'ops.example.com', token: 'x' }), 'http.publicUrl'],
    [withHttp({ publicUrl: 'ftp://ops.example.com', token: 'x' }), 'http.publicUrl'],
    [withHttp({ token: 'secret-value\n' }), 'http.token'],
    [withHttp({ token: 'secret-value'.repeat(50) }), 'http.token'],
    [withHttp({ token: 'secret-value', tokens: [token()] }), 'http.token'],
    [withHttp({ tokens: {} }), 'http.tokens'],
    [withHttp({ tokens: [null] }), 'http.tokens[0]'],
    [withHttp({ tokens: [token(), 'secret-value'] }), 'http.tokens[1]'],
    [withHttp({ tokens: [token({ scopes: ['incident:read'] })] }), 'http.tokens (bot)'],
    [withHttp({ tokens: [token({ scopes: undefined })] }), 'http.tokens (bot)'],
    [withHttp({ tokens: [token(), token({ name: 'other' })] }), 'http.tokens (other)'],
    [withHttp({ token: 'x', hooks: { alertmanger: () => undefined } }), 'http.hooks.alertmanger'],
    [withHttp({ token: 'x', hooks: { grafana: 'secret-value' } }), 'http.hooks.grafana'],
  ]
  for (const [options, field] of cases) expect(refusalOf(options)).toBe(`INVALID_INPUT ${field}`)
})

test('what is fine is taken', () => {
  for (const options of [
    { log: memoryLog(), parts: runbook, repeatEveryMs: 0, reopenWithinMs: Infinity },
    { log: memoryLog(), parts: runbook, reopenWithinMs: -1, linkWithinMs: -1 },
    withHttp({ token: 'x', hooks: { grafana: undefined } }),
    withHttp({ tokens: [token()] }),
    withHttp({ open: true }),
  ])
    expect(refusalOf(options)).toBe('accepted')
})

test.each([undefined, {}, { people: undefined }])('a runbook of %o has nobody to call', (options) => {
  expect(() => standardRunbook(options as never)).toThrow('people: are missing')
})
