import { FirebreakError, type PageFailed } from '@firebreak/core'

/** What this package throws. `INVALID_INPUT` and `NOTIFY_FAILED` are core's. */
export type NotifyPackageCode =
  | 'PAGE_NOT_SENT'
  | 'ROLE_UNSET'
  | 'NO_WAKING_NOTIFIER'
  | 'INVALID_INPUT'
  | 'NOTIFY_FAILED'

/** Nobody was told: every notifier refused. `failed` says why, one entry a notifier. */
export class PageNotSent extends FirebreakError<'PAGE_NOT_SENT'> {
  readonly failed: readonly PageFailed[]
  constructor(title: string, failed: readonly PageFailed[]) {
    const reasons = failed.map(({ notifier, error }) => `${notifier}: ${error}`).join('; ')
    super({
      code: 'PAGE_NOT_SENT',
      message: `nobody was told about ${JSON.stringify(title.slice(0, 110))}: ${reasons}. Tell the person yourself, then mend the notifier`,
    })
    this.name = 'PageNotSent'
    this.failed = failed
  }
}

/** A route that cannot reach anybody: found when the pager is made, not at 3 a.m. */
export class RouteRefused extends FirebreakError<'ROLE_UNSET' | 'NO_WAKING_NOTIFIER'> {
  readonly role: string
  constructor(code: 'ROLE_UNSET' | 'NO_WAKING_NOTIFIER', role: string, message: string) {
    super({ code, message })
    this.name = 'RouteRefused'
    this.role = role
  }
}
