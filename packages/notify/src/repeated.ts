import type { Page } from '@firebreak/core'

/** The same page, saying that it may have been read before: it went out at least once, perhaps twice. */
export function marked(page: Page): Page {
  return {
    ...page,
    title: `${page.title} (repeated)`,
    text: `${page.text}\n(repeated: this page may have reached you before)`,
    markdown: `${page.markdown}\n\n(repeated: this page may have reached you before)`,
  }
}
