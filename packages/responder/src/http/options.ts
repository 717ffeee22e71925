import type { Signal } from '@firebreak/core'

/** What a token may do. */
export type Scope = 'signals:write' | 'incidents:read' | 'incidents:operate' | 'actions:approve'

export const allScopes: readonly Scope[] = ['signals:write', 'incidents:read', 'incidents:operate', 'actions:approve']

export interface Token {
  /** Shown in the log as the actor; never the secret. */
  readonly name: string
  readonly secret: string
  readonly scopes: readonly Scope[]
}

/** One of `@firebreak/detect`'s intakes, or your own: verifies a delivery, and gives its signals to `store`. */
export interface Intake {
  (request: Request, store?: (signals: readonly Signal[]) => Promise<unknown>): Promise<readonly Signal[]>
  readonly source: string
}

/** `POST /hooks/<name>`. Those but Alertmanager's prove themselves by a signature, and need no token. */
export interface Hooks {
  /** Default: Alertmanager's webhook with a token, capped at P1. */
  readonly alertmanager?: Intake | undefined
  readonly grafana?: Intake | undefined
  readonly sentry?: Intake | undefined
  readonly pagerduty?: Intake | undefined
  readonly standard?: Intake | undefined
}

export interface HttpOptions {
  /** Where people reach it, with the path it is mounted at; `Host` and `Origin` must match it. Pages carry no links to it. */
  readonly publicUrl: string
  /** One token with all scopes. Give this or `tokens`. */
  readonly token?: string | undefined
  readonly tokens?: readonly Token[] | undefined
  readonly hooks?: Hooks | undefined
  /** `POST /api/v2/alerts`, where a Prometheus server points at. Default: with a token, capped at P1. */
  readonly prometheus?: Intake | undefined
  /** Serves without any token. Say so explicitly, or not at all. */
  readonly open?: boolean | undefined
}
