import { expect, test } from 'vitest'
import { consoleNotifier } from './console.ts'
import { hostilePage, samplePage } from './testing/index.ts'

const context = { signal: new AbortController().signal, idempotencyKey: 'k', fetch: globalThis.fetch }

test('writes the title, then the facts indented, then where to look', async () => {
  const written: string[] = []
  const receipt = await consoleNotifier({ write: (text) => written.push(text) }).send(samplePage, context)
  expect(receipt).toEqual({ state: 'delivered', id: 'k' })
  expect(written.join('')).toBe(
    `${samplePage.title}\n${samplePage.text.replaceAll(/^/gm, '  ')}\n  Open 7K42  https://fb.example.com/i/7K42\n`,
  )
})

test('lets nothing through that commands a terminal', async () => {
  const written: string[] = []
  await consoleNotifier({ write: (text) => written.push(text) }).send(hostilePage, context)
  // oxlint-disable-next-line no-control-regex
  expect(written.join('')).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/)
})
