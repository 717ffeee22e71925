import { createHash } from 'node:crypto'
import {
  AbortedError,
  NotifyError,
  required,
  type Notifier,
  type NotifyOutcome,
  type Page,
  type Receipt,
} from '@firebreak/core'
import { raced } from './raced.ts'
import { cleanLine } from './text/clean-text.ts'
import { fitLine, fitText } from './text/fit-text.ts'
import { tidied } from './tidy.ts'

/** What is needed of a mailer: nodemailer's transports fit, and whatever else has such a method. */
export interface MailTransport {
  sendMail(mail: Mail): Promise<unknown>
}

export interface Mail {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly messageId: string
  readonly inReplyTo?: string
  readonly references?: string
  readonly headers: Readonly<Record<string, string>>
}

export interface EmailNotifierOptions {
  /** `nodemailer.createTransport(…)`. Its own time limits should be shorter than the pager's 10 s. */
  readonly transport: MailTransport | undefined
  /** `Firebreak <firebreak@example.com>`. */
  readonly from: string | undefined
  /** Each is written to on its own, so that one bad address does not keep the others from reading. */
  readonly to: string | readonly string[] | undefined
  /** Default 'email'. */
  readonly name?: string | undefined
}

const limits = { subject: 180, text: 100_000 }

/** E-mail by your own transport: plain text, one thread an incident, marked as written by a machine. */
export function emailNotifier(options: EmailNotifierOptions): Notifier {
  const { name = 'email' } = options
  const transport = required(options.transport, 'transport', 'emailNotifier')
  const from = required(options.from, 'from', 'emailNotifier')
  const recipients = [required(options.to, 'to', 'emailNotifier')]
    .flat()
    .map((to) => required(to, 'to', 'emailNotifier'))
  if (recipients.length === 0) required(undefined, 'to', 'emailNotifier')
  const host = /@([\w.-]+)>?\s*$/.exec(from)?.[1] ?? 'firebreak.invalid'

  return tidied({
    name,
    reach: 'read',
    async send(page, { signal, idempotencyKey, previous }): Promise<Receipt> {
      const key = createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)
      const root = previous?.thread
      const failures: NotifyError[] = []
      for (const [index, to] of recipients.entries()) {
        if (signal.aborted) throw new AbortedError(`sending by ${name} was aborted; some recipients may have it`)
        const messageId = `<${key}.${index}@${host}>`
        const thread = root === undefined ? {} : { inReplyTo: threadOf(root, index), references: threadOf(root, index) }
        try {
          await raced(transport.sendMail({ from, to, messageId, ...thread, ...contentOf(page) }), signal)
        } catch (error) {
          if (signal.aborted) throw brokenOff(name, signal)
          failures.push(failureOf(error, name))
        }
      }
      if (failures.length === recipients.length)
        throw failures.find(({ outcome }) => outcome !== 'permanent') ?? failures[0]!
      return { state: 'accepted', id: `<${key}.0@${host}>`, thread: root ?? `${key}@${host}` }
    },
  })
}

function threadOf(root: string, index: number): string {
  const at = root.lastIndexOf('@')
  return `<${root.slice(0, at)}.${index}${root.slice(at)}>`
}

const urgent: Partial<Record<Page['severity'], string>> = { P0: '1', P1: '2' }

function contentOf(page: Page) {
  const mark = [page.severity, page.code].filter(Boolean).join(' ')
  const title = cleanLine(page.title.replace(`${page.severity} `, '').replace(` [${page.code}]`, ''))
  const links = page.links.map((link) => `  ${link.title.padEnd(14)}${link.url}`)
  const priority = urgent[page.severity]
  return {
    subject: fitLine(`[${mark}] ${title}`, limits.subject),
    text: fitText([page.title, '', page.text, ...(links.length === 0 ? [] : ['', ...links])].join('\n'), limits.text),
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      ...(priority === undefined ? {} : { 'X-Priority': priority }),
    },
  }
}

const refused = new Set(['EAUTH', 'EENVELOPE', 'EMESSAGE', 'ENOAUTH', 'EOAUTH2'])

/** Never connected: the server cannot have taken it. */
const unreached = new Set(['EDNS', 'ENOTFOUND', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'])

/** SMTP says 4yz for "not now" and 5yz for "never". Without its word, only what never connected was surely not taken. */
function failureOf(error: unknown, name: string): NotifyError {
  const { responseCode, code, syscall, message } = (error ?? {}) as Record<string, unknown>
  const said = typeof message === 'string' ? cleanLine(message).slice(0, 200) : 'no reason given'
  const connecting = syscall === 'connect' || /^(Connection timeout|Greeting never received)/.test(said)
  let outcome: NotifyOutcome = 'ambiguous'
  if (typeof responseCode === 'number' && responseCode >= 400) outcome = responseCode >= 500 ? 'permanent' : 'transient'
  else if (typeof code === 'string' && refused.has(code)) outcome = 'permanent'
  else if (connecting || (typeof code === 'string' && unreached.has(code))) outcome = 'transient'
  return new NotifyError({ outcome, message: `${name} was not taken: ${said}` })
}

function brokenOff(name: string, signal: AbortSignal): Error {
  const timedOut = (signal.reason as { code?: unknown } | null)?.code === 'TIMEOUT'
  return timedOut
    ? new NotifyError({ outcome: 'ambiguous', message: `${name} did not answer in time; it may have taken the page` })
    : new AbortedError(`sending by ${name} was aborted; it may have taken the page`)
}
