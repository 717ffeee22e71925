import type { Link, Symptom } from '@firebreak/core'

/** An alert as a monitoring system states it: what an own mapping sees. All texts are redacted and of bounded length. */
export interface ExternalAlert {
  /** 'alertmanager', 'prometheus-alerts', 'grafana', 'sentry', 'pagerduty', 'standard-webhooks'. */
  readonly source: string
  /** The rule's name, or the title. */
  readonly name: string
  readonly status: 'firing' | 'resolved'
  readonly summary: string
  /** With no names but their own: a label may be called anything. */
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** Same problem, same fingerprint. */
  readonly fingerprint: string
  /** The source's own field for how bad it is (Sentry's level, PagerDuty's priority), where it has one. */
  readonly level?: string | undefined
  /** Facts that the source states itself. */
  readonly symptoms?: readonly Symptom[] | undefined
  /** Milliseconds since the epoch. */
  readonly startsAt?: number | undefined
  readonly endsAt?: number | undefined
  readonly links: readonly Link[]
}
