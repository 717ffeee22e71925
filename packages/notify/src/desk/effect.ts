import {
  severities,
  type Json,
  type Page,
  type PageKind,
  type Reach,
  type Receipt,
  type Severity,
  type StreamId,
} from '@firebreak/core'

/** One incident that a message is about. */
export interface About {
  readonly incident: StreamId
  readonly service: string
  readonly severity: Severity
}

/** Everything that one message needs, recorded with its claim: a takeover sends the same, under the same key. */
export interface SendEffect {
  readonly do: 'send'
  readonly notifier: string
  readonly page: Page
  readonly kind: PageKind
  /** What this message counts as when it arrives: an update that a waking target takes quietly is read. */
  readonly reach: Reach
  /** RFC 3339; when it was due. */
  readonly due: string
  readonly requests: readonly string[]
  readonly about: readonly About[]
  readonly previous?: Receipt
  /** How often these requests have failed here before. */
  readonly failures: number
  readonly digest?: true
  /** The same may have arrived before, under this key, and goes out under it again: a target that remembers it rings once. */
  readonly repeats?: string
}

export interface ConfirmEffect {
  readonly do: 'confirm'
  readonly notifier: string
  readonly receipt: Receipt
  readonly requests: readonly string[]
  readonly about: readonly About[]
  readonly reach: Reach
}

export type DeskEffect = SendEffect | ConfirmEffect

export function toEffect(effect: DeskEffect): Json {
  return asJson(effect)
}

/** As JSON would have it, without what is undefined; but the texts stay the same ones: a desk keeps thousands of pages. */
function asJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(asJson)
  if (typeof value !== 'object' || value === null) return value as Json
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.map(([name, item]) => [name, asJson(item)]))
}

/** A recorded effect of this desk; anything else was planned by somebody else. */
export function effectOf(json: Json): DeskEffect | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  const effect = json as unknown as DeskEffect
  const known = effect.do === 'send' || effect.do === 'confirm'
  return known && typeof effect.notifier === 'string' && Array.isArray(effect.requests) && Array.isArray(effect.about)
    ? effect
    : undefined
}

export function worstOf(all: readonly { readonly severity: Severity }[]): Severity {
  return severities.find((level) => all.some(({ severity }) => severity === level)) ?? 'P3'
}
