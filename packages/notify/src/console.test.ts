import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
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

test('what is written after the reader of standard output has gone is not delivered', async () => {
  const source = JSON.stringify(resolve(import.meta.dirname, 'console.ts'))
  const page = JSON.stringify(samplePage)
  const code = `
    import { consoleNotifier } from ${source}
    process.stdout.on('error', () => {})
    for await (const _ of process.stdin);
    const context = { signal: new AbortController().signal, idempotencyKey: 'k', fetch }
    for (let number = 0; number < 2; number += 1)
      await consoleNotifier().send(${page}, context).then(
        ({ state }) => console.error(state),
        ({ code, outcome }) => console.error(code, outcome),
      )`
  const child = spawn(process.execPath, ['--conditions=@firebreak/source', '--input-type=module', '-e', code], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  const ended = new Promise((settle) => child.once('close', settle))
  // Its reader goes first; only then is it told to write.
  child.stdout.once('close', () => child.stdin.end())
  child.stdout.destroy()
  await ended
  expect(said).toBe('NOTIFY_FAILED permanent\n'.repeat(2))
})
