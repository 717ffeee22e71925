import type { Page } from '@firebreak/core'
import { escapeSlack } from './text/escape.ts'
import { fitLine, fitText } from './text/fit-text.ts'

/** Slack's limits, in characters after escaping. */
const limits = { text: 4_000, header: 150, section: 3_000, button: 75, url: 3_000, context: 300 }
const mostButtons = 5

const escaped = (text: string) => escapeSlack(text).length

/** `text` is what a phone shows; the blocks say the same with room. */
export function slackBody(page: Page): { readonly text: string; readonly blocks: readonly object[] } {
  const notice = escapeSlack(fitLine(page.title, limits.text, escaped))
  const detail = fitText(page.text, limits.section, (text) => lineByLine(text).length)
  const links = page.links.filter(({ url }) => url.length <= limits.url).slice(0, mostButtons)
  const where = [page.code, page.severity, page.service].filter((part) => part !== undefined && part !== '').join(' · ')
  return {
    text: notice,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: fitLine(page.title, limits.header), emoji: false } },
      ...(page.title.length > limits.header
        ? [section(escapeSlack(fitLine(page.title, limits.section, escaped)))]
        : []),
      ...(detail.trim() === '' ? [] : [section(lineByLine(detail))]),
      ...(links.length === 0 ? [] : [{ type: 'actions', elements: links.map(button) }]),
      {
        type: 'context',
        elements: [{ type: 'plain_text', text: fitLine(where, limits.context), emoji: false }],
      },
    ],
  }
}

/** `verbatim` keeps Slack from finding names and addresses in what others wrote. */
function section(text: string) {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } }
}

function button({ title, url }: Page['links'][number], index: number) {
  return {
    type: 'button',
    text: { type: 'plain_text', text: fitLine(title, limits.button), emoji: false },
    url,
    action_id: `link-${index}`,
  }
}

/** The label at the beginning of a line in bold; everything else as it is. */
function lineByLine(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      const label = /^([A-Z][a-z]+(?: [a-z]+)?) {2,}(?=\S)/.exec(line)
      return label === null ? escapeSlack(line) : `*${label[1]}*  ${escapeSlack(line.slice(label[0].length))}`
    })
    .join('\n')
}
