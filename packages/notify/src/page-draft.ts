import { InvalidInput, severities, type Page } from '@firebreak/core'
import { cleanLine, cleanText } from './text/clean-text.ts'
import { escapeMarkdown } from './text/escape.ts'
import { fitLine } from './text/fit-text.ts'
import { linksOf } from './tidy.ts'

/** What a script has to say; the rest of a page has defaults. */
export type PageDraft = Pick<Page, 'service' | 'severity' | 'title' | 'text'> & Partial<Page>

const kinds: readonly Page['kind'][] = ['trigger', 'update', 'acknowledge', 'resolve']
const longestTitle = 1_000

/**
 * A whole page from a draft: checked, and cleaned of what commands a terminal or hides text. `markdown` is taken as it is,
 * or made from `text`. Throws `InvalidInput` that names the field.
 */
export function completePage(draft: PageDraft): Page {
  const { incident = '', kind = 'trigger', links = [], markdown, code, at, to, reason } = draft
  const service = cleanLine(text(draft.service, 'page.service'))
  const title = fitLine(cleanLine(text(draft.title, 'page.title')), longestTitle)
  if (service === '') throw new InvalidInput('page.service', 'is empty; name what is affected')
  if (title === '') throw new InvalidInput('page.title', 'is empty; say in one line what is wrong')
  if (!severities.includes(draft.severity))
    throw new InvalidInput('page.severity', `is ${JSON.stringify(draft.severity)}; use one of ${severities.join(', ')}`)
  if (!kinds.includes(kind))
    throw new InvalidInput('page.kind', `is ${JSON.stringify(kind)}; use one of ${kinds.join(', ')}`)
  const body = cleanText(text(draft.text, 'page.text'))
  return {
    incident: cleanLine(incident),
    service,
    severity: draft.severity,
    kind,
    title,
    text: body,
    markdown: markdown === undefined ? escapeMarkdown(body) : cleanText(markdown),
    links: linksOf(links),
    ...(code === undefined ? {} : { code: cleanLine(code) }),
    ...(at === undefined ? {} : { at }),
    ...(to === undefined ? {} : { to: cleanLine(to) }),
    ...(reason === undefined ? {} : { reason: cleanLine(reason) }),
  }
}

function text(value: unknown, field: string): string {
  if (typeof value !== 'string') throw new InvalidInput(field, `is ${typeof value}, not text`)
  return value
}
