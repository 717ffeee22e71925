import { NotifyError, type Notifier, type Page } from '@firebreak/core'
import { cleanLine, cleanText } from './text/clean-text.ts'
import { tidied } from './tidy.ts'

export interface ConsoleNotifierOptions {
  /** Takes whole lines, each with its line end, and is waited for; default: standard output. */
  readonly write?: ((text: string) => unknown) | undefined
  /** Default 'console'. */
  readonly name?: string | undefined
}

/** Writes each page as plain lines. A record: nobody is assumed to look. */
export function consoleNotifier({ write = toStandardOutput, name = 'console' }: ConsoleNotifierOptions = {}): Notifier {
  return tidied({
    name,
    reach: 'record',
    // For those who raise its reach: whoever sits in front of it sees the news too.
    quiet: ['update', 'acknowledge', 'resolve'],
    async send(page, { signal, idempotencyKey }) {
      signal.throwIfAborted()
      await write(linesOf(page))
      return { state: 'delivered', id: idempotencyKey }
    },
  })
}

/** Once its reader has gone nothing written arrives, and it never will: whoever was to be told must be told elsewhere. */
function toStandardOutput(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      if (!error) return resolve()
      const { code = 'closed' } = error as NodeJS.ErrnoException
      const message = `console: nobody reads standard output any more (${code})`
      reject(new NotifyError({ outcome: 'permanent', message, cause: error }))
    })
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
