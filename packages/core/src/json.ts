/** What survives `JSON.stringify` and back: the only shape that recorded data may have. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

export type NonEmpty<T> = readonly [T, ...T[]]
