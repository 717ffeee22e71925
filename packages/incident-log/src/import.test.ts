import { linkOf, seededRandom, verifyChain } from '@firebreak/core'
import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { exportEvents, importEvents, memoryLog, verifyLog, type CloudEvent } from './index.ts'
import { sqliteLog } from './sqlite.ts'
import { allOf, errorOf, note, opened, write } from './testing/kit.ts'
import { playScript } from './testing/script.ts'

async function filled() {
  const clock = createTestClock()
  const log = memoryLog({ clock, random: seededRandom(1) })
  await playScript(log, clock, { seed: 9, commands: 60, capabilities: { redact: true } })
  await write(log, 'service/odd/ü 😀', 0, note('"\u0001\ud800', { id: 'ü/1', causationId: 'cause' }))
  return log
}

const bare = async (log: Parameters<typeof exportEvents>[0]) =>
  (await allOf(log.readAll())).map(({ position: _position, ...event }) => event)

for (const format of ['jsonl', 'cloudevents'] as const) {
  test(`a log that went through ${format} is the same log`, async () => {
    const log = await filled()
    const other = sqliteLog({ path: ':memory:' })
    const lines = await allOf(exportEvents(log, { format }))
    const count = (await bare(log)).length
    expect(lines.every((line) => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true)
    expect(await importEvents(other, lines)).toEqual({ events: count, known: 0, torn: false })
    expect(await importEvents(other, lines)).toEqual({ events: 0, known: count, torn: false })
    expect(await bare(other)).toEqual(await bare(log))
    expect(await allOf(other.list())).toEqual(await allOf(log.list()))
    expect((await verifyLog(other)).ok).toBe(true)
    await other.close()
  })

  test(`${format} comes in pieces of any size, cut anywhere`, async () => {
    const log = await filled()
    const bytes = Buffer.from((await allOf(exportEvents(log, { format }))).join(''))
    const random = seededRandom(3)
    const pieces: Uint8Array[] = []
    for (let start = 0; start < bytes.length;) {
      const end = start + 1 + Math.floor(random() * 300)
      pieces.push(bytes.subarray(start, end))
      start = end
    }
    const other = memoryLog()
    await importEvents(other, pieces)
    expect(await bare(other)).toEqual(await bare(log))
  })
}

test('one stream can be exported, or what came after a position', async () => {
  const log = memoryLog()
  await write(log, 'service/a', 0, note('1'))
  await write(log, 'service/b', 0, note('2'))
  const [first] = await allOf(log.readAll())
  const streamOf = async (options: Parameters<typeof exportEvents>[1]) =>
    (await allOf(exportEvents(log, options))).map((line) => (JSON.parse(line) as { stream: string }).stream)
  expect(await streamOf({ stream: 'service/b' })).toEqual(['service/b'])
  expect(await streamOf({ after: first?.position })).toEqual(['service/b'])
  const format = 'xml' as 'jsonl'
  expect((await errorOf(() => allOf(exportEvents(log, { format })))).code).toBe('INVALID_INPUT')
})

test('an exported line is enough to check a chain by hand', async () => {
  const log = memoryLog()
  await write(log, 'incident/web/1', 0, opened('web', 1), note('a'))
  const lines = await allOf(exportEvents(log))
  expect(verifyChain(lines.map((line) => linkOf(JSON.parse(line) as Parameters<typeof linkOf>[0]))).ok).toBe(true)
})

test('CloudEvents have the attributes that the specification wants', async () => {
  const log = memoryLog()
  await write(log, 'incident/web ü/1', 0, note('a', { id: 'x', causationId: 'y', at: '2026-11-23T01:00:00Z' }))
  const [line = ''] = await allOf(exportEvents(log, { format: 'cloudevents' }))
  const event = JSON.parse(line) as CloudEvent
  expect(event).toMatchObject({
    specversion: '1.0',
    id: 'x',
    source: '/streams/incident/web%20%C3%BC/1',
    type: 'note.added',
    subject: 'incident/web ü/1',
    time: '2026-11-23T01:00:00Z',
    datacontenttype: 'application/json',
    streamversion: 1,
    causationid: 'y',
  })
  // Names of extension attributes: lower case letters and digits, at most 20 of them.
  expect(Object.keys(event).every((name) => /^[a-z0-9]{1,20}$/.test(name))).toBe(true)
})

test('a last line that was cut while it was written is left out and told', async () => {
  const log = await filled()
  const text = (await allOf(exportEvents(log))).join('')
  const count = (await bare(log)).length
  const other = memoryLog()
  expect(await importEvents(other, [text.slice(0, -20)])).toEqual({ events: count - 1, known: 0, torn: true })
  expect(await importEvents(other, [text.trimEnd()])).toEqual({ events: 1, known: count - 1, torn: false })
})

test('anything else that is not as it was written is refused with its line, and nothing of its batch is taken', async () => {
  const log = await filled()
  const lines = await allOf(exportEvents(log))
  const [one = '', two = '', three = ''] = lines
  const cases: Record<string, string[]> = {
    'a torn line in the middle': [one, `${two.slice(0, -20)}\n`, three],
    'an empty line': [one, '\n', two],
    'another kind of JSON': [one, '[]\n', two],
    'an event without a hash': [one, `${JSON.stringify({ ...(JSON.parse(two) as object), hash: undefined })}\n`],
    'a changed event': [one, `${JSON.stringify({ ...(JSON.parse(two) as object), actor: 'person:bo' })}\n`],
    'an event of nowhere': [one, `${JSON.stringify({ ...(JSON.parse(two) as object), stream: '' })}\n`],
    'a missing beginning': lines.slice(1),
    'a line without an end': [one, `{"a":"${'x'.repeat(3_000_000)}`],
  }
  for (const [what, source] of Object.entries(cases)) {
    const other = memoryLog()
    const error = await errorOf(() => importEvents(other, source))
    expect([error.code, error.message], what).toEqual(['IMPORT_REFUSED', expect.stringMatching(/lines? \d/)])
    expect(await bare(other), what).toEqual([])
  }
  const error = await errorOf(() => importEvents(memoryLog(), lines.slice(1)))
  expect(error.message).toMatch(/does not follow on version \d+, the last one held/)
  const notText = [Buffer.from(one), Buffer.from([0xff, 0xfe, 0x0a])]
  expect((await errorOf(() => importEvents(memoryLog(), notText))).code).toBe('IMPORT_REFUSED')
})

test('a log that cannot take over events says so', async () => {
  const log = { ...memoryLog() }
  delete log.restore
  expect((await errorOf(() => importEvents(log, []))).code).toBe('IMPORT_REFUSED')
})

test.each([null, undefined, 7, {}])('%o is nothing to read events from', async (source) => {
  const error = await errorOf(() => importEvents(memoryLog(), source as never))
  expect(error).toMatchObject({ code: 'IMPORT_REFUSED', message: expect.stringContaining('createReadStream(file)') })
})
