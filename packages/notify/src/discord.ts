import { NotifyError, type Notifier, type Page, type Receipt, type SendContext, type Severity } from '@firebreak/core'
import { notDelivered, objectIn, postOk, textIn } from './http/post.ts'
import { addressOf, secretsIn, type Target } from './http/target.ts'
import { escapeMarkdown } from './text/escape.ts'
import { fitLine, fitText } from './text/fit-text.ts'
import { tidied } from './tidy.ts'

export interface DiscordNotifierOptions {
  /** Of a channel's webhook: `https://discord.com/api/webhooks/<id>/<token>`, with `?thread_id=` for a thread. */
  readonly url: string | undefined
  /** Default 'discord'. */
  readonly name?: string | undefined
}

const colours: Record<Severity, number> = { P0: 0x99_2d_22, P1: 0xe6_7e_22, P2: 0xf1_c4_0f, P3: 0x95_a5_a6 }
const resolved = 0x2e_cc_71
/** In characters; the sum over one embed must stay below 6,000. */
const limits = { title: 256, description: 4_096, footer: 512 }
const mostLinks = 5
const silently = 1 << 12

/**
 * A Discord webhook. Asks Discord to say whether the message was saved; updates edit the message that began it. Nobody is
 * mentioned, whatever a page says. A webhook that was deleted is never tried again: Discord bans those who do.
 */
export function discordNotifier(options: DiscordNotifierOptions): Notifier {
  const { name = 'discord' } = options
  const url = addressOf(options.url, 'url', 'discordNotifier')
  const target: Target = { name, secrets: secretsIn(url) }
  let gone: NotifyError | undefined

  async function deliver(method: 'POST' | 'PATCH', path: string, page: Page, context: SendContext): Promise<Receipt> {
    const address = new URL(url)
    address.pathname = `${address.pathname.replace(/\/$/, '')}${path}`
    if (method === 'POST') address.searchParams.set('wait', 'true')
    const answer = await postOk(target, address, { method, body: bodyOf(page, method === 'POST') }, context)
    const id = textIn(objectIn(answer), 'id')
    if (id !== undefined) return { state: 'delivered', id, thread: id }
    if (answer.status === 204) return { state: 'accepted' }
    throw notDelivered(target, answer)
  }

  return tidied({
    name,
    reach: 'read',
    async send(page, context) {
      if (gone !== undefined) throw gone
      const first = context.previous?.thread
      try {
        if (first !== undefined && page.kind !== 'trigger') {
          const path = `/messages/${encodeURIComponent(first)}`
          const edited = await deliver('PATCH', path, page, context).catch(whenMessageIsGone)
          if (edited !== undefined) return edited
        }
        const receipt = await deliver('POST', '', page, context)
        return first === undefined ? receipt : { ...receipt, thread: first }
      } catch (error) {
        if (error instanceof NotifyError && error.status === 404) gone = error
        throw error
      }
    },
  })
}

/** Somebody deleted the message; the news is still told. */
function whenMessageIsGone(error: unknown): undefined {
  if (error instanceof NotifyError && error.status === 404 && !/unknown webhook/i.test(error.message)) return undefined
  throw error
}

function bodyOf(page: Page, fresh: boolean) {
  const links = page.links.slice(0, mostLinks).map(({ title, url }) => `[${escapeMarkdown(title)}](<${url}>)`)
  const tail = links.length === 0 ? '' : `\n${links.join(' · ')}`
  const room = limits.description - Math.min(tail.length, 2_000)
  const text = fitText(page.text, room, (it) => escapeMarkdown(it).length)
  return {
    content: '',
    embeds: [
      {
        title: fitLine(escapeMarkdown(page.title), limits.title),
        description: `${escapeMarkdown(text)}${tail.length > 2_000 ? '' : tail}`,
        color: page.kind === 'resolve' ? resolved : colours[page.severity],
        footer: { text: fitLine([page.code, page.severity, page.service].filter(Boolean).join(' · '), limits.footer) },
        ...(page.at === undefined ? {} : { timestamp: page.at }),
      },
    ],
    allowed_mentions: { parse: [] },
    ...(fresh && page.kind !== 'trigger' ? { flags: silently } : {}),
  }
}
