import type { Page } from '@firebreak/core'
import { fitLine } from './text/fit-text.ts'
import { septets, toGsm } from './text/gsm.ts'

/** Two segments of 153: what comes after costs money and is not read. */
const mostSeptets = 306

/**
 * A page as a short message: what, since and code, then what happens next, then where to look. Never offers to be
 * answered: a short message cannot be proven to come from whom it says.
 */
export function smsText(page: Page): string {
  const [link] = page.links
  const where = link === undefined ? '' : ` ${toGsm(link.url.replace(/^https?:\/\//, ''))}`
  const title = toGsm(page.title)
  const room = mostSeptets - (septets(where) <= mostSeptets / 3 ? septets(where) : 0)
  const tail = room < mostSeptets ? where : ''
  const sentences = [title, ...nextOf(page).map(toGsm)]
  let text = fitLine(sentences[0]!, room, (it) => septets(toGsm(it)))
  for (const sentence of sentences.slice(1)) {
    const longer = `${text}. ${sentence}`
    if (septets(longer) > room) break
    text = longer
  }
  return `${toGsm(text)}${tail}`
}

function nextOf({ text }: Page): string[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('Next '))
    .map((line) => line.replace(/^Next\s+/, '').replaceAll(/\s+/g, ' '))
}
