import { createHash } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { NotifyError, redact, required, systemClock, type Clock, type Notifier, type Page } from '@firebreak/core'
import { createFileMarks } from './file-marks.ts'
import { cleanLine, cleanText } from './text/clean-text.ts'
import { escapeMarkdown } from './text/escape.ts'
import { fitLine } from './text/fit-text.ts'
import { formatInstant } from './text/local-time.ts'

export interface MarkdownFileNotifierOptions {
  /** Created with its folders when it does not exist; only ever appended to. */
  readonly path: string | undefined
  /** Default 'markdown-file'. */
  readonly name?: string | undefined
  /** IANA zone of the times in it; default 'UTC'. */
  readonly timeZone?: string | undefined
  /** For pages that do not say when. */
  readonly clock?: Clock | undefined
}

/**
 * A feedback file: one entry an incident, closed by a line when it is resolved. Append-only; the same idempotency key is
 * written once. Takes figures and drops personal data; whatever it is given renders as plain text.
 */
export function markdownFileNotifier(options: MarkdownFileNotifierOptions): Notifier {
  const { name = 'markdown-file', timeZone = 'UTC', clock = systemClock } = options
  const path = required(options.path, 'path', 'markdownFileNotifier')
  const marks = createFileMarks(anyMarker)
  let turn: Promise<unknown> = Promise.resolve()

  async function append(page: Page, key: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await mkdir(dirname(path), { recursive: true })
    const file = await open(path, 'a+')
    try {
      const { torn } = await marks.readOn(file)
      if (marks.has(marker('page', key))) return
      const at = formatInstant(page.at === undefined ? clock.now() : Date.parse(page.at), timeZone)
      const known = page.incident !== '' && marks.has(marker('incident', page.incident))
      const entry = known || page.kind !== 'trigger' ? line(page, key, at) : heading(page, key, at)
      await file.appendFile(`${torn ? '\n' : ''}${entry}`)
      await file.sync()
    } finally {
      await file.close()
    }
  }

  return {
    name,
    reach: 'record',
    deduplicates: true,
    async send(page, { signal, idempotencyKey }) {
      const mine = turn.then(() => append(page, idempotencyKey, signal))
      turn = mine.catch(() => undefined)
      await mine.catch((error: unknown) => {
        signal.throwIfAborted()
        throw unwritten(error, path)
      })
      return { state: 'delivered', id: idempotencyKey }
    },
  }
}

const mostLines = 20
const longestLine = 400

function heading(page: Page, key: string, at: string): string {
  const { code, service, severity, incident } = page
  const marks = [...(incident === '' ? [] : [marker('incident', incident)]), marker('page', key)].join(' ')
  const name = [code, severity, service].filter((part) => part !== undefined && part !== '').map((part) => plain(part!))
  const facts = cleanText(page.text)
    .split('\n')
    .filter((fact) => fact.trim() !== '')
  const shown = facts.slice(0, mostLines).map((fact) => `- ${plain(fact)}\n`)
  if (facts.length > mostLines) shown.push(`- (+${facts.length - mostLines} more lines)\n`)
  return `\n## ${name.join(' · ')}\n\n${marks}\n\n**${at}** ${plain(page.title)}\n\n${shown.join('')}\n`
}

function line(page: Page, key: string, at: string): string {
  const { code, service, kind, reason, title } = page
  const what = kind === 'resolve' ? 'resolved' : (reason ?? kind)
  return `- **${plain(code ?? service)} ${plain(what)}** ${at}: ${plain(title)} ${marker('page', key)}\n`
}

function plain(text: string): string {
  return escapeMarkdown(fitLine(redact(cleanLine(text)), longestLine))
}

const anyMarker = /<!-- firebreak (?:page|incident) [\w./:@-]+ -->/g

/** Invisible when rendered; found again when the same is asked for twice. */
function marker(what: 'page' | 'incident', key: string): string {
  const safe = /^(?!.*--)[\w./:@-]{0,199}[\w.]$/.test(key)
    ? key
    : createHash('sha256').update(key).digest('base64url').replaceAll('-', '.')
  return `<!-- firebreak ${what} ${safe} -->`
}

const busy = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'EBUSY', 'ENOSPC', 'EDQUOT', 'EIO'])

function unwritten(error: unknown, path: string): NotifyError {
  const { code = 'unknown', message } = error as { code?: string; message?: string }
  return new NotifyError({
    outcome: busy.has(code) ? 'transient' : 'permanent',
    message: `${path} could not be written (${code}): ${message ?? ''}; give markdownFileNotifier a path that this process may append to`,
    cause: error,
  })
}
