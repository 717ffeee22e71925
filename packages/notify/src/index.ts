/**
 * Who is told what, when and how. Targets are subpaths (`@firebreak/notify/slack`), so that nobody loads what he does not
 * use; the conformance suite for your own is `@firebreak/notify/testing`. Not exported: the pieces that routes are made of.
 */

export type { PageDraft } from './page-draft.ts'
export type { SendPageOptions, SentPage } from './send-page.ts'
export type { NextStep, PageForOptions, PageTemplate } from './page/page-options.ts'
export type { ConsoleNotifierOptions } from './console.ts'
export type { MarkdownFileNotifierOptions } from './markdown-file.ts'
export type { PagerOptions } from './create-pager.ts'
export type { People } from './routes/people.ts'
export type { DeskRules, Route, Routes, RouteStep } from './routes/routes.ts'
export type { LadderView, Rung } from './ladder/ladder.ts'
export type { NotifyPackageCode } from './page-errors.ts'

export { sendPage } from './send-page.ts'
export { pageFor } from './page/page-for.ts'
export { consoleNotifier } from './console.ts'
export { markdownFileNotifier } from './markdown-file.ts'
export { PageNotSent, RouteRefused } from './page-errors.ts'
export { createPager } from './create-pager.ts'
export { ladder } from './ladder/ladder.ts'
export { scaleRoutes } from './routes/scale-routes.ts'
export { standardRoutes } from './routes/standard-routes.ts'
