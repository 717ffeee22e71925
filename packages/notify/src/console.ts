import type { Notifier, Page } from '@firebreak/core'
import { cleanLine, cleanText } from './text/clean-text.ts'
import { tidied } from './tidy.ts'

export interface ConsoleNotifierOptions {
  /** Takes whole lines, each with its line end; default: standard output. */
  readonly write?: ((text: string) => unknown) | undefined
  /** Default 'console'. */
  readonly name?: string | undefined
}

/** Writes each page as plain lines. A record: nobody is assumed to look. */
export function consoleNotifier({
  write = (text) => process.stdout.write(text),
  name = 'console',
}: ConsoleNotifierOptions = {}): Notifier {
  return tidied({
    name,
    reach: 'record',
    // For those who raise its reach: whoever sits in front of it sees the news too.
    quiet: ['update', 'acknowledge', 'resolve'],
    async send(page, { signal, idempotencyKey }) {
      signal.throwIfAborted()
      write(linesOf(page))
      return { state: 'delivered', id: idempotencyKey }
    },
  })
}

function linesOf(page: Page): string {
  const title = cleanLine(page.title)
  const text = cleanText(page.text)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `  ${line}\n`)
  const links = page.links.map((link) => `  ${cleanLine(link.title)}  ${cleanLine(link.url)}\n`)
  return [`${title}\n`, ...text, ...links].join('')
}
