import type { Notifier, Page } from '@firebreak/core'
import { cleanLine, cleanText } from './text/clean-text.ts'
import { linkable } from './text/escape.ts'

/**
 * A notifier that is given only clean text, by whomever it is called: without terminal sequences, control characters,
 * direction overrides and invisible characters, in well-formed strings of bounded length.
 */
export function tidied(notifier: Notifier): Notifier {
  return { ...notifier, send: (page, context) => notifier.send(tidy(page), context) }
}

function tidy(page: Page): Page {
  return {
    ...page,
    incident: cleanLine(page.incident),
    service: cleanLine(page.service),
    title: cleanLine(page.title),
    text: cleanText(page.text),
    markdown: cleanText(page.markdown),
    links: linksOf(page.links),
    ...(page.code === undefined ? {} : { code: cleanLine(page.code) }),
  }
}

/** Links that may be shown: with a clean title, and an address that leads where it says. */
export function linksOf(links: Page['links']): Page['links'] {
  return links.flatMap((link) => {
    const url = linkable(link.url)
    return url === undefined ? [] : [{ title: cleanLine(link.title), url }]
  })
}
