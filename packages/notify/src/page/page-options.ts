import type { Incident, Link, Page } from '@firebreak/core'

/** One promise: what will happen, and when. */
export interface NextStep {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly what: string
}

export interface PageForOptions {
  readonly kind?: Page['kind'] | undefined
  /** 'raise', 'remind', 'escalate', 'verified', 'approval', … Default: what the kind says. */
  readonly reason?: string | undefined
  /** Who is meant. */
  readonly to?: string | undefined
  /** IANA zone of the times in it; default 'UTC'. */
  readonly timeZone?: string | undefined
  /** What will happen, and when: the only promises a page makes. */
  readonly next?: readonly NextStep[] | undefined
  /** What has been done besides what the incident records: 'Paged manager (sms, slack)'. */
  readonly done?: readonly string[] | undefined
  /** Why it is sent now, in front of the facts. */
  readonly because?: string | undefined
  readonly links?: readonly Link[] | undefined
  /** Milliseconds since the epoch; default: the incident's last event. */
  readonly at?: number | undefined
  /** Your own words. Gets the finished page and changes what it likes; when it throws, the page goes out as it was. */
  readonly template?: PageTemplate | undefined
}

export type PageTemplate = (page: Page, incident: Readonly<Incident>) => Partial<Page>
