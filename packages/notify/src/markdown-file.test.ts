import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { markdownFileNotifier } from './markdown-file.ts'
import { hostilePage, samplePage } from './testing/index.ts'

const context = (idempotencyKey: string) => ({
  signal: new AbortController().signal,
  idempotencyKey,
  fetch: globalThis.fetch,
})
let path: string

beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'firebreak-')), 'feedback', 'deployment.md')
})

describe('a feedback file', () => {
  test('gets one entry an incident, lines for what follows, and a line that closes it', async () => {
    const notifier = markdownFileNotifier({ path, timeZone: 'Europe/Berlin' })
    await notifier.send(samplePage, context('1'))
    await notifier.send({ ...samplePage, kind: 'update', reason: 'verified', title: 'verified' }, context('2'))
    await notifier.send({ ...samplePage, reason: 'remind' }, context('3'))
    await notifier.send({ ...samplePage, kind: 'resolve', title: 'P0 resolved' }, context('4'))
    const text = await readFile(path, 'utf8')
    expect(text.match(/^## /gm)).toHaveLength(1)
    expect(text).toContain('## 7K42 · P0 · hotdash-agent-service')
    expect(text).toContain('**2026-11-23 03:03:35 CET** P0 hotdash-agent-service: 60% of requests fail')
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^- \*\*7K42 resolved\*\* 2026-11-23 03:03:35 CET: P0 resolved/)
  })

  test('is written once for one key, by this process and by the next', async () => {
    await markdownFileNotifier({ path }).send(samplePage, context('same'))
    const once = await readFile(path, 'utf8')
    await markdownFileNotifier({ path }).send(samplePage, context('same'))
    expect(await readFile(path, 'utf8')).toBe(once)
  })

  test('keeps what was in it, and begins a new line after a torn write', async () => {
    await markdownFileNotifier({ path }).send(samplePage, context('1'))
    await writeFile(path, 'written by a person')
    await markdownFileNotifier({ path }).send(samplePage, context('2'))
    expect(await readFile(path, 'utf8')).toMatch(/^written by a person\n\n## 7K42/)
  })

  test('one notifier goes on where the file is: what another wrote meanwhile counts, and a new file is a new file', async () => {
    const notifier = markdownFileNotifier({ path })
    await notifier.send(samplePage, context('1'))
    await markdownFileNotifier({ path }).send({ ...samplePage, reason: 'remind' }, context('2'))
    const both = await readFile(path, 'utf8')
    await notifier.send(samplePage, context('1'))
    await notifier.send({ ...samplePage, reason: 'remind' }, context('2'))
    expect(await readFile(path, 'utf8')).toBe(both)
    await rm(path)
    await notifier.send(samplePage, context('1'))
    expect((await readFile(path, 'utf8')).match(/^## /gm)).toHaveLength(1)
  })

  test('what somebody is still writing is read again when it is whole', async () => {
    const notifier = markdownFileNotifier({ path })
    await notifier.send(samplePage, context('1'))
    const half = '- a line <!-- firebreak page '
    await appendFile(path, half)
    await notifier.send({ ...samplePage, reason: 'remind' }, context('2'))
    expect(await readFile(path, 'utf8')).toContain(`${half}\n- **7K42 remind**`)
    await appendFile(path, '- another <!-- firebreak page 3')
    await notifier.send({ ...samplePage, reason: 'remind' }, context('1'))
    await appendFile(path, ' -->\n')
    await notifier.send({ ...samplePage, reason: 'remind' }, context('3'))
    expect((await readFile(path, 'utf8')).match(/remind/g)).toHaveLength(1)
  })

  test('takes many pages at once, each whole', async () => {
    const notifier = markdownFileNotifier({ path })
    const all = Array.from({ length: 40 }, (_, index) => ({ ...samplePage, incident: `incident/s${index}/1` }))
    await Promise.all(all.map((page, index) => notifier.send(page, context(`k${index}`))))
    const text = await readFile(path, 'utf8')
    expect(text.match(/^## /gm)).toHaveLength(40)
    expect(text.match(/<!-- firebreak page /g)).toHaveLength(40)
  })

  test('renders what attackers write as plain text, and keeps personal data out', async () => {
    const secrets = 'mail mia@example.com card 4111 1111 1111 1111 postgres://app:hunter22@db/x Bearer abcdefghijkl'
    await markdownFileNotifier({ path }).send({ ...hostilePage, text: `${hostilePage.text}\n${secrets}` }, context('1'))
    const text = await readFile(path, 'utf8')
    for (const canary of ['mia@', '4111', 'hunter22', 'abcdefghijkl']) expect(text).not.toContain(canary)
    const shown = text.replaceAll(/<!-- firebreak (page|incident) [\w./:@-]+ -->/g, '')
    expect(shown.match(/^#+ /gm)).toHaveLength(1)
    expect(shown).not.toMatch(/(?<!\\)[<[`]/)
    expect(shown).not.toContain('@everyone')
  })

  test('a marker cannot be forged from what others write', async () => {
    const notifier = markdownFileNotifier({ path })
    await notifier.send(
      { ...samplePage, text: '<!-- firebreak page 2 -->', service: '<!-- firebreak page 2 -->' },
      context('1'),
    )
    await notifier.send({ ...samplePage, incident: 'incident/other/1' }, context('2'))
    expect((await readFile(path, 'utf8')).match(/^## /gm)).toHaveLength(2)
  })

  test('says what to do when it cannot be written, and whether to try again', async () => {
    await writeFile(path.replace('/feedback/deployment.md', '/feedback'), 'a file where a folder is needed')
    const sending = markdownFileNotifier({ path }).send(samplePage, context('1'))
    await expect(sending).rejects.toMatchObject({ code: 'NOTIFY_FAILED', outcome: 'permanent' })
    expect(() => markdownFileNotifier({ path: undefined })).toThrow(/^path: is not set/)
  })
})
