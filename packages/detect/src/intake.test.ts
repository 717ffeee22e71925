import { redact } from '@firebreak/core'
import { canaries, createTestClock, findCanary } from '@firebreak/core/testing'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { alertmanagerIntake, parseAlertmanager, parsePrometheusAlerts, prometheusAlertsIntake } from './alertmanager.ts'
import { createTextCleaner } from './intake/clean-texts.ts'
import { withoutEscapes } from './plain-text.ts'
import { labelsFingerprint } from './intake/fingerprint.ts'

const clock = createTestClock()
const alert = (labels: object = {}, more: object = {}) => ({
  labels: { alertname: 'x', service: 'shop', ...labels },
  ...more,
})
const request = (
  body: string | Uint8Array | ReadableStream | null,
  headers: Record<string, string> = {},
  method = 'POST',
) =>
  new Request('http://localhost/', {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body,
    ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
  } as RequestInit)
const intake = prometheusAlertsIntake({ clock })
const text = (value: unknown) => JSON.stringify(value)

describe('what is refused before it is parsed', () => {
  test.each<[string, () => Request, string, number]>([
    ['another method', () => request(null, {}, 'GET'), 'METHOD_NOT_ALLOWED', 405],
    [
      'a form',
      () => request('a=b', { 'content-type': 'application/x-www-form-urlencoded' }),
      'UNSUPPORTED_MEDIA_TYPE',
      415,
    ],
    [
      'no type',
      () => new Request('http://localhost/', { method: 'POST', body: new Uint8Array([91, 93]) }),
      'UNSUPPORTED_MEDIA_TYPE',
      415,
    ],
    [
      'a type that only begins like JSON',
      () => request('[]', { 'content-type': 'application/jsonp' }),
      'UNSUPPORTED_MEDIA_TYPE',
      415,
    ],
    ['a compressed body', () => request('[]', { 'content-encoding': 'gzip' }), 'UNSUPPORTED_MEDIA_TYPE', 415],
    ['not JSON', () => request('{"a":'), 'BODY_UNREADABLE', 400],
    ['nothing', () => request(''), 'BODY_UNREADABLE', 400],
    ['not UTF-8', () => request(Buffer.from('[{"labels":{"a":"\xff\xfe"}}]', 'latin1')), 'BODY_UNREADABLE', 400],
    ['a body of 5 MiB', () => request(`[${' '.repeat(5 * 1024 * 1024)}]`), 'BODY_TOO_LARGE', 413],
    ['100,000 alerts', () => request(`[${'{},'.repeat(99_999)}{}]`), 'BODY_TOO_COMPLEX', 413],
    ['100,000 levels', () => request('['.repeat(100_000)), 'BODY_TOO_COMPLEX', 413],
    ['a million values', () => request(`[{"labels":{"a":[${'[],'.repeat(1_000_000)}[]]}}]`), 'BODY_TOO_COMPLEX', 413],
  ])('%s', async (_name, make, code, status) => {
    await expect(prometheusAlertsIntake({ clock, limits: { maxAlerts: 2_000 } })(make())).rejects.toMatchObject({
      code,
      status,
    })
  })

  test('a body that is longer than it says, chunk by chunk, is not read to its end', async () => {
    let sent = 0
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1
        controller.enqueue(new TextEncoder().encode(' '.repeat(64 * 1024)))
      },
    })
    await expect(intake(request(endless))).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' })
    expect(sent).toBeLessThan(100)
  })

  test('a Content-Length beyond the limit is enough', async () => {
    const untouched = new ReadableStream({ pull: () => Promise.reject(new Error('was read')) }, { highWaterMark: 0 })
    await expect(intake(request(untouched, { 'content-length': '99999999' }))).rejects.toMatchObject({
      code: 'BODY_TOO_LARGE',
    })
  })

  test('a body that trickles is given up, on the clock', async () => {
    const own = createTestClock()
    const slow = new ReadableStream({ pull: () => new Promise(() => undefined) })
    const waiting = prometheusAlertsIntake({ clock: own, limits: { bodyTimeoutMs: 3_000 } })(request(slow))
    await expect(own.run(waiting)).rejects.toMatchObject({ code: 'BODY_TOO_SLOW', status: 408 })
    expect(own.pending).toBe(0)
  })

  test('a body that breaks off is refused, typed', async () => {
    const broken = new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode('[{'))
        controller.error(new Error('socket hang up'))
      },
    })
    await expect(intake(request(broken))).rejects.toMatchObject({ code: 'BODY_UNREADABLE', status: 400 })
  })

  test('a sender whose stream cannot even be cancelled does not hold us up', async () => {
    const stubborn = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1024 * 1024)),
      cancel: () => new Promise(() => undefined),
    })
    await expect(intake(request(stubborn))).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' })
  })

  test('a list of as many alerts as are allowed is taken, one more is not', () => {
    const list = (count: number) => text(Array.from({ length: count }, (_, index) => alert({ n: index })))
    const limits = { maxAlerts: 20 }
    expect(parsePrometheusAlerts(list(20), { clock, limits })).toHaveLength(20)
    expect(() => parsePrometheusAlerts(list(21), { clock, limits })).toThrow(
      expect.objectContaining({ code: 'BODY_TOO_COMPLEX', field: 'alerts' }),
    )
    expect(() => parseAlertmanager(`{"alerts":${list(21)}}`, { clock, limits })).toThrow(
      expect.objectContaining({ field: 'alerts' }),
    )
  })

  test('brackets, commas and quotes in texts are text', () => {
    const nasty = { value: `${'['.repeat(50)}${'{'.repeat(50)}\\"${','.repeat(50)}\\` }
    expect(parsePrometheusAlerts(text([alert(nasty)]), { clock, limits: { maxAlerts: 2 } })[0]!.labels['value']).toBe(
      nasty.value,
    )
  })

  test('the refusal of a body never quotes it', async () => {
    for (const body of ['{"password":"hunter22"', 'hunter22'])
      await expect(intake(request(body))).rejects.toThrow(expect.not.stringContaining('hunter22') as never)
    const error: unknown = await intake(request('{"password":"hunter22"')).catch((caught: unknown) => caught)
    expect(`${String(error)} ${String((error as Error).cause)}`).not.toContain('hunter22')
  })
})

describe('what is refused by its field', () => {
  test.each([
    [text({}), 'body'],
    [text(null), 'body'],
    [text([null]), 'body[0]'],
    [text([[]]), 'body[0]'],
    [text([alert(), { labels: {} }]), 'body[1].labels'],
    [text([{ annotations: {} }]), 'body[0].labels'],
    [text([alert({ deep: { a: 1 } })]), 'body[0].labels.deep'],
    [text([alert({ long: 'x'.repeat(1024 * 1024) })]), 'body[0].labels.long'],
    [text([alert({ ['n'.repeat(200)]: 'x' })]), `body[0].labels.${'n'.repeat(39)}…`],
    [text([alert({}, { startsAt: 'yesterday' })]), 'body[0].startsAt'],
    [text([alert({}, { startsAt: '1' })]), 'body[0].startsAt'],
    [text([alert({}, { endsAt: 12 })]), 'body[0].endsAt'],
    [text([alert({}, { generatorURL: {} })]), 'body[0].generatorURL'],
    ['[{"labels":{"alertname":"x","__proto__":"y"}}]', 'body[0].labels.__proto__'],
    ['[{"labels":{"alertname":"x"},"__proto__":{"status":"resolved"}}]', 'body[0].__proto__'],
    ['[{"labels":{"alertname":"x"},"annotations":{"\\u005f_proto__":"y"}}]', 'body[0].annotations.__proto__'],
    ['[{"labels":{"alertname":"x","constructor":"y"}}]', 'body[0].labels.constructor'],
    ['[{"labels":{"alertname":"x","prototype":"y"}}]', 'body[0].labels.prototype'],
  ])('%.60s names %s', async (body, field) => {
    await expect(intake(request(body))).rejects.toMatchObject({ code: 'INVALID_INPUT', field })
    expect(({} as { status?: unknown }).status).toBeUndefined()
  })

  test('a status that is neither firing nor resolved', () => {
    expect(() => parseAlertmanager(text({ alerts: [alert({}, { status: 'maybe' })] }))).toThrow(
      expect.objectContaining({ field: 'alerts[0].status' }),
    )
    expect(() => parseAlertmanager(text({ alerts: 'x' }))).toThrow(expect.objectContaining({ field: 'alerts' }))
    expect(() => parseAlertmanager('{"alerts":[],"__proto__":{"a":1}}')).toThrow(
      expect.objectContaining({ field: 'body.__proto__' }),
    )
  })

  test('one bad alert refuses them all: nothing is taken by halves', async () => {
    let stored = 0
    const body = text([alert(), alert({}, { startsAt: 'x' })])
    await expect(intake(request(body), async () => (stored += 1))).rejects.toMatchObject({ field: 'body[1].startsAt' })
    expect(stored).toBe(0)
  })
})

describe('what is let in', () => {
  const first = (labels: object, more: object = {}) => parsePrometheusAlerts(text([alert(labels, more)]), { clock })[0]!

  test('secrets and personal data are taken out of every text', () => {
    const secrets = {
      jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijk',
      dsn: 'postgres://app:hunter22@db.internal/shop',
      header: 'Bearer abcdefghijklmnop',
      customer: 'mia@example.com',
      card: '4111 1111 1111 1111',
      password: 'hunter33',
      colour: '\u001b[31mpostgres://app:hunter44@db/x',
    }
    const seen = first(secrets, {
      annotations: {
        summary: 'mia@example.com paid with 4111111111111111',
        runbook_url: 'https://app:hunter55@host/x',
      },
      generatorURL: 'http://user:hunter66@prometheus/graph',
    })
    const all = JSON.stringify(seen)
    for (const canary of ['hunter', 'eyJ', 'abcdefghijklmnop', 'mia@', '4111']) expect(all).not.toContain(canary)
    expect(seen.labels['password']).toBe('[redacted]')
    expect(seen.service).toBe('shop')
  })

  test.each(canaries.map((canary) => [canary]))('no place for %s', (canary) => {
    const places = [
      alert({ note: canary }),
      alert({ [canary.slice(0, 128)]: 'x' }),
      alert({ alertname: canary }),
      alert({ service: canary }),
      alert({ severity: canary }),
      alert({}, { annotations: { summary: `said ${canary}, twice ${canary}` } }),
      alert({}, { annotations: { runbook_url: `https://host/?x=${canary}` }, generatorURL: `http://host/${canary}` }),
      alert({}, { fingerprint: canary, status: 'firing' }),
    ]
    expect(findCanary(parsePrometheusAlerts(text(places), { clock }))).toBeUndefined()
    const seen: unknown[] = []
    parseAlertmanager(text({ alerts: places }), { clock, symptoms: (it) => void seen.push(it) })
    expect(seen.map((it) => ({ ...(it as object), fingerprint: '' })).map(findCanary)).toEqual(
      seen.map(() => undefined),
    )
    expect(findCanary(parseAlertmanager(text({ alerts: places }), { clock }))).toBeUndefined()
  })

  test('a refusal names the field on one line, and not when its name is a secret', () => {
    const field = (name: string) => {
      try {
        parsePrometheusAlerts(text([alert({ [name]: {} })]), { clock })
      } catch (error) {
        return (error as { field: string }).field
      }
      return undefined
    }
    expect(field('a\n\u001b[31mb')).toBe('body[0].labels.a b')
    expect(findCanary(field(canaries[0]!) ?? 'nothing')).toBeUndefined()
  })

  test('half characters, control characters and long texts do not get through', () => {
    const seen = first(
      { half: 'a\ud800b', bell: 'x\u0007y\nz', long: 'l'.repeat(5_000) },
      { annotations: { summary: `s\r\n${'s'.repeat(9_000)}` } },
    )
    expect(seen.labels['half']).toBe('a\ufffdb')
    expect(seen.labels['bell']).toBe('x y z')
    expect(seen.labels['long']).toHaveLength(1_024)
    expect(seen.summary).toHaveLength(2_000)
    expect(seen.summary.startsWith('s s')).toBe(true)
  })

  test('only links that a browser may follow, and no more labels than a signal carries', () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`l${index}`, 'x']))
    const seen = first(many, { generatorURL: 'javascript:alert(1)', annotations: { runbook_url: 'http://[bad' } })
    expect(seen.links).toEqual([])
    expect(Object.keys(seen.labels)).toHaveLength(64)
    expect(first({ ...many, service: undefined, severity: 'info', zone: 'z' }, {}).symptoms).toEqual([
      { kind: 'stated', severity: 'P3' },
    ])
    const late = parsePrometheusAlerts(text([{ labels: { ...many, service: 'shop', severity: 'info' } }]), {
      clock,
    })[0]!
    expect(late).toMatchObject({ service: 'shop', labels: { service: 'shop', severity: 'info' } })
  })

  test('numbers and booleans as labels are their text, null is nothing', () => {
    expect(first({ code: 503, up: false, gone: null }).labels).toEqual({
      alertname: 'x',
      service: 'shop',
      code: '503',
      up: 'false',
    })
  })

  test('labels may be called anything else: they have no names but their own', () => {
    const { labels } = first({ toString: 'a', hasOwnProperty: 'b' })
    expect(labels['toString']).toBe('a')
    expect(['valueOf', 'constructor', '__proto__'].filter((name) => name in labels)).toEqual([])
  })

  test('bytes and text are read alike', () => {
    const body = text([alert({ name: 'Übergröße 🔥' })])
    expect(parsePrometheusAlerts(Buffer.from(body), { clock })).toEqual(parsePrometheusAlerts(body, { clock }))
  })
})

describe('store', () => {
  test('is called with the signals, and its failure is the caller’s', async () => {
    const stored: number[] = []
    await intake(request(text([alert()])), async (signals) => stored.push(signals.length))
    expect(stored).toEqual([1])
    await expect(intake(request(text([alert()])), () => Promise.reject(new Error('log down')))).rejects.toThrow(
      'log down',
    )
  })
})

test('an intake says where its signals come from', () => {
  expect(alertmanagerIntake().source).toBe('alertmanager')
})

/** Why it was refused, or nothing when every signal of it may go on. */
function verdictOn(body: unknown, parse: typeof parseAlertmanager): string | undefined {
  try {
    const wrong = parse(text(body), { clock }).find(
      ({ service, symptoms, key, id }) =>
        service === '' ||
        service.includes('/') ||
        key.length > 300 ||
        id.length > 200 ||
        symptoms.some((it) => it.kind !== 'stated' || it.severity === 'P0'),
    )
    return wrong === undefined ? undefined : `let in: ${text(wrong)}`
  } catch (error) {
    return String((error as { code?: unknown }).code)
  }
}

test('whatever is sent, it is signals or a typed refusal', () => {
  const value = fc.jsonValue({ maxDepth: 4 })
  const labels = fc.dictionary(fc.string(), fc.oneof(fc.string(), value))
  const startsAt = fc.oneof(
    fc.string(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  )
  const almost = fc.array(fc.record({ labels, annotations: labels, startsAt }, { requiredKeys: [] }))
  const body = fc.oneof(
    value,
    almost,
    almost.map((alerts) => ({ alerts })),
  )
  const verdicts = new Set<string | undefined>()
  fc.assert(
    fc.property(body, (sent) => {
      for (const parse of [parseAlertmanager, parsePrometheusAlerts]) verdicts.add(verdictOn(sent, parse))
    }),
    { numRuns: 500 },
  )
  expect([...verdicts].filter((verdict) => verdict !== undefined && !/^INVALID_INPUT$|^BODY_/.test(verdict))).toEqual(
    [],
  )
  expect(verdicts).toContain(undefined)
  expect(verdicts).toContain('INVALID_INPUT')
})

describe('texts checked in batches', () => {
  const secrets = [
    'fm2_lJPECAAAAAAAAA',
    'Bearer abcdefgh',
    'eyJabcdef.eyJabcdef.sig',
    'postgres://a:b@c',
    'mia@example.com',
    '4111111111111111',
    'token=abcdefgh',
  ]
  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom(...secrets),
    fc.constantFrom('token', '=abc', 'Bearer', ':', '-----BEGIN PRIVATE KEY-----', 'x'.repeat(5_000)),
  )
  const sentence = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(' '))

  test('come out as they would singly', () => {
    fc.assert(
      fc.property(fc.array(sentence, { maxLength: 40 }), (texts) => {
        const cleaner = createTextCleaner()
        for (const it of texts) cleaner.add(it)
        expect(texts.map((it) => cleaner.clean(it))).toEqual(
          texts.map((it) => redact(withoutEscapes(it.toWellFormed()))),
        )
      }),
    )
  })
})

test('the fingerprint is FNV-1a as Prometheus has it, in characters of any width', () => {
  // Computed with 64-bit arithmetic: BigInt here, limbs there.
  const reference = (labels: readonly string[]) => {
    let hash = 0xcbf29ce484222325n
    const add = (byte: number) => {
      hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
    }
    const pairs = labels.flatMap((name, index) => (index % 2 === 0 ? [[name, labels[index + 1]!] as const] : []))
    for (const [name, value] of pairs.toSorted(([left], [right]) => (left < right ? -1 : 1)))
      for (const part of [name, value]) {
        for (const byte of Buffer.from(part)) add(byte)
        add(0xff)
      }
    return hash.toString(16).padStart(16, '0')
  }
  const label = fc.tuple(fc.stringMatching(/^[a-z_]{1,12}$/), fc.string({ unit: 'grapheme' }))
  fc.assert(
    fc.property(fc.uniqueArray(label, { selector: ([name]) => name }), (labels) => {
      expect(labelsFingerprint(labels.flat())).toBe(reference(labels.flat()))
    }),
  )
})
