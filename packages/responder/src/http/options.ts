/** What a token may do. */
export type Scope = 'signals:write' | 'incidents:read' | 'incidents:operate' | 'actions:approve'

export interface Token {
  /** Shown in the log as the actor; never the secret. */
  readonly name: string
  readonly secret: string
  readonly scopes: readonly Scope[]
}

export interface HttpOptions {
  /** Where people reach it: links are made with it, and `Host`/`Origin` must match it. */
  readonly publicUrl: string
  /** One token with all scopes. Give this or `tokens`. */
  readonly token?: string | undefined
  readonly tokens?: readonly Token[] | undefined
  /** Serves without any token. Say so explicitly, or not at all. */
  readonly open?: boolean | undefined
}
