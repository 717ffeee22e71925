/**
 * Who is told what, when and how. Targets are subpaths (`@firebreak/notify/slack`), so that nobody loads what he does not
 * use; the conformance suite for your own is `@firebreak/notify/testing`. Not exported: the pieces that routes are made of.
 */

export type { PageDraft } from './page-draft.ts'
export type { SendPageOptions, SentPage } from './send-page.ts'
export type { NextStep, PageForOptions, PageTemplate } from './page/page-options.ts'
export type { ConsoleNotifierOptions } from './console.ts'
export type { MarkdownFileNotifierOptions } from './markdown-file.ts'
export type { NotifyPackageCode } from './page-errors.ts'

export { sendPage } from './send-page.ts'
export { pageFor } from './page/page-for.ts'
export { consoleNotifier } from './console.ts'
export { markdownFileNotifier } from './markdown-file.ts'
export { PageNotSent, RouteRefused } from './page-errors.ts'
