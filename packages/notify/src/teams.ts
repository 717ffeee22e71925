import { NotifyError, type Notifier, type Page, type Receipt, type SendContext, type Severity } from '@firebreak/core'
import { notDelivered, postOk, type Answer } from './http/post.ts'
import { addressOf, secretsIn, type Target } from './http/target.ts'
import { fitLine, fitText, utf8Bytes } from './text/fit-text.ts'
import { tidied } from './tidy.ts'

export interface TeamsNotifierOptions {
  /** Of a Workflow ("when a Teams webhook request is received"), or of an old connector. */
  readonly url: string | undefined
  /** Default 'teams'. */
  readonly name?: string | undefined
}

const colours: Record<Severity, string> = { P0: 'attention', P1: 'warning', P2: 'warning', P3: 'default' }
/** Teams measures 28 kB after it has expanded the card; 24 kB have been seen to be too much. */
const mostBytes = 20_000
const mostLinks = 4
const longestTitle = 500

/**
 * Microsoft Teams by a Workflow or an old connector, as an Adaptive Card without any markup in what others wrote. A Workflow
 * only accepts: its run may fail afterwards. An old connector answers 200 even when it fails, and says so in the body.
 */
export function teamsNotifier(options: TeamsNotifierOptions): Notifier {
  const { name = 'teams' } = options
  const url = addressOf(options.url, 'url', 'teamsNotifier')
  const target: Target = { name, secrets: secretsIn(url) }

  async function deliver(page: Page, bytes: number, context: SendContext): Promise<Receipt> {
    const answer = await postOk(target, url, { body: envelopeOf(page, bytes) }, context)
    if (answer.status === 202) return { state: 'accepted' }
    if (answer.text === '1') return { state: 'delivered' }
    throw saysNo(target, answer)
  }

  return tidied({
    name,
    reach: 'read',
    async send(page, context) {
      try {
        return await deliver(page, mostBytes, context)
      } catch (error) {
        const tooLarge =
          error instanceof NotifyError && (error.status === 413 || /error 413|MessageSizeExceeded/.test(error.message))
        if (!tooLarge) throw error
        return deliver(page, mostBytes / 4, context)
      }
    },
  })
}

/** "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 …", with status 200. */
function saysNo(target: Target, answer: Answer): NotifyError {
  const inside = Number(/HTTP error (\d{3})/.exec(answer.text)?.[1] ?? Number.NaN)
  if (inside === 429) return notDelivered(target, answer, 'throttled')
  return notDelivered(target, answer, inside >= 500 || inside === 408 ? 'transient' : 'permanent')
}

function envelopeOf(page: Page, bytes: number) {
  const whole = (text: string) => JSON.stringify(cardOf(page, text))
  const rest = utf8Bytes(whole(''))
  // Every line is a block of its own: about 90 bytes besides its text.
  const measure = (text: string) => utf8Bytes(JSON.stringify(text)) + 90 * text.split('\n').length
  return cardOf(page, fitText(page.text, Math.max(500, bytes - rest), measure))
}

function cardOf(page: Page, text: string) {
  const colour = page.kind === 'resolve' ? 'good' : colours[page.severity]
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.2',
          body: [
            plain(fitLine(page.title, longestTitle), { weight: 'bolder', size: 'medium', color: colour }),
            ...text
              .split('\n')
              .filter((line) => line.trim() !== '')
              .map((line) => plain(line)),
          ],
          actions: page.links.slice(0, mostLinks).map(({ title, url }) => ({
            type: 'Action.OpenUrl',
            title: fitLine(title, 80),
            url,
          })),
          msteams: { width: 'Full' },
        },
      },
    ],
  }
}

/** A text run renders no Markdown and resolves no mention, unlike a text block. */
function plain(text: string, style: object = {}) {
  return { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text, ...style }] }
}
