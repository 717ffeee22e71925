import type { Json, JsonObject } from '@firebreak/core'

/** The few calls that a deploy consists of, over any fetch: what flyctl sends, no more. */
export interface FlyCalls {
  get(path: string): Promise<FlyAnswer>
  send(method: 'POST' | 'PATCH' | 'DELETE', path: string, body?: JsonObject, nonce?: string): Promise<FlyAnswer>
}

export interface FlyAnswer {
  readonly status: number
  readonly body: Json
}

export interface FlyCallsOptions {
  readonly fetch: typeof globalThis.fetch
  readonly url: string
  readonly token: string
  readonly signal?: AbortSignal | undefined
}

export function createFlyCalls({ fetch, url, token, signal }: FlyCallsOptions): FlyCalls {
  async function call(method: string, path: string, body?: JsonObject, nonce?: string): Promise<FlyAnswer> {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(nonce === undefined ? {} : { 'fly-machine-lease-nonce': nonce }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    })
    const text = await response.text()
    return { status: response.status, body: parse(text) }
  }
  return { get: (path) => call('GET', path), send: call }
}

function parse(text: string): Json {
  if (text === '') return null
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
