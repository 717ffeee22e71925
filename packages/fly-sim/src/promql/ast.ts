export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | Selector
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | Aggregation
  | Binary
  | { readonly kind: 'negate'; readonly of: Expression }

export interface Selector {
  readonly kind: 'selector'
  readonly name: string | undefined
  readonly matchers: readonly Matcher[]
  /** Of a range vector: `[5m]`. */
  readonly rangeMs: number | undefined
  readonly offsetMs: number
}

export interface Matcher {
  readonly label: string
  readonly value: string
  readonly operator: '=' | '!=' | '=~' | '!~'
  readonly matches: (value: string) => boolean
}

export interface Aggregation {
  readonly kind: 'aggregation'
  readonly operator: string
  readonly grouping: 'by' | 'without'
  readonly labels: readonly string[]
  readonly parameter: Expression | undefined
  readonly of: Expression
}

export interface Binary {
  readonly kind: 'binary'
  readonly operator: string
  readonly left: Expression
  readonly right: Expression
  /** `== bool`: 0 and 1 instead of a filter. */
  readonly bool: boolean
  readonly matching: { readonly mode: 'on' | 'ignoring'; readonly labels: readonly string[] } | undefined
}
