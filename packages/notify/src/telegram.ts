import { NotifyError, required, type Notifier, type Page, type Receipt, type SendContext } from '@firebreak/core'
import { notDelivered, objectIn, post, refusalOf, textIn, type Answer } from './http/post.ts'
import { addressOf, type Target } from './http/target.ts'
import { fitText } from './text/fit-text.ts'
import { tidied } from './tidy.ts'

export interface TelegramNotifierOptions {
  /** Of the bot: `123456:ABC…`. */
  readonly token: string | undefined
  /** Of the chat or group, or `@channel`. */
  readonly chatId: string | number | undefined
  /** A topic of a group. */
  readonly threadId?: number | undefined
  /** Default 'telegram'. */
  readonly name?: string | undefined
  /** Default 'https://api.telegram.org'. */
  readonly apiUrl?: string | undefined
}

/** In UTF-16 units, as Telegram counts them. */
const limits = { text: 4_096, button: 60 }
const mostButtons = 4

/**
 * A Telegram bot. Sends plain text, which no page can break; updates answer the message that began it, without a sound.
 * Follows a group that became a supergroup.
 */
export function telegramNotifier(options: TelegramNotifierOptions): Notifier {
  const { name = 'telegram', threadId } = options
  const token = required(options.token, 'token', 'telegramNotifier')
  const api = addressOf(options.apiUrl ?? 'https://api.telegram.org', 'apiUrl', 'telegramNotifier').href.replace(
    /\/$/,
    '',
  )
  const target: Target = { name, secrets: [token] }
  let chat = required(options.chatId, 'chatId', 'telegramNotifier')

  async function deliver(page: Page, context: SendContext): Promise<Receipt | { readonly moved: number }> {
    const body = bodyOf(page, chat, threadId, context.previous)
    const answer = await post(target, `${api}/bot${token}/sendMessage`, { body }, context)
    const moved = movedTo(answer)
    if (moved !== undefined) return { moved }
    if (!answer.ok) throw await refusalOf(answer, target)
    const said = objectIn(answer)
    if (said['ok'] !== true) throw notDelivered(target, answer)
    const id = textIn((said['result'] ?? {}) as Record<string, unknown>, 'message_id') ?? ''
    return { state: 'delivered', id, thread: context.previous?.thread ?? id }
  }

  return tidied({
    name,
    reach: 'read',
    async send(page, context) {
      const first = await deliver(page, context)
      if ('state' in first) return first
      chat = first.moved
      const second = await deliver(page, context)
      if ('state' in second) return second
      throw new NotifyError({
        outcome: 'permanent',
        message: `${name}: the group moved twice; set chatId to the one it has now`,
      })
    },
  })
}

function movedTo(answer: Answer): number | undefined {
  const { parameters } = objectIn(answer) as { parameters?: { migrate_to_chat_id?: unknown } }
  const id = parameters?.migrate_to_chat_id
  return answer.status === 400 && typeof id === 'number' ? id : undefined
}

function bodyOf(page: Page, chat: string | number, threadId: number | undefined, previous: Receipt | undefined) {
  const thread = Number(previous?.thread ?? Number.NaN)
  const buttons = page.links
    .slice(0, mostButtons)
    .map(({ title, url }) => [{ text: title.slice(0, limits.button), url }])
  return {
    chat_id: chat,
    text: fitText(unnamed(`${page.title}\n\n${page.text}`), limits.text),
    disable_notification: page.kind !== 'trigger',
    link_preview_options: { is_disabled: true },
    ...(threadId === undefined ? {} : { message_thread_id: threadId }),
    ...(Number.isInteger(thread)
      ? { reply_parameters: { message_id: thread, allow_sending_without_reply: true } }
      : {}),
    ...(buttons.length === 0 ? {} : { reply_markup: { inline_keyboard: buttons } }),
  }
}

/** Telegram finds names in plain text too; a joint after the sign keeps it from calling somebody. */
function unnamed(text: string): string {
  return text.replaceAll('@', '@\u2060')
}
