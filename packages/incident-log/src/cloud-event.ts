import type { RecordedEvent } from '@firebreak/core'

/** CloudEvents 1.0. Extension attributes are lower case letters and digits, as the specification wants them. */
export interface CloudEvent {
  readonly specversion: '1.0'
  readonly id: string
  /** `/streams/<stream>`: together with `id` unique, as ids are unique in their stream. */
  readonly source: string
  readonly type: string
  readonly subject: string
  readonly time: string
  readonly datacontenttype: 'application/json'
  readonly data: object
  readonly streamversion: number
  readonly recordedat: string
  readonly actor: string
  readonly causationid?: string
  readonly chainhash: string
  readonly chainsalt?: string
  readonly chaindigest?: string
}

export function toCloudEvent(event: RecordedEvent): CloudEvent {
  const { stream, version, id, type, at, recordedAt, actor, causationId, data, hash, salt, dataDigest } = event
  return {
    specversion: '1.0',
    id,
    source: `/streams/${stream.split('/').map(encodeURIComponent).join('/')}`,
    type,
    subject: stream,
    time: at,
    datacontenttype: 'application/json',
    data,
    streamversion: version,
    recordedat: recordedAt,
    actor,
    chainhash: hash,
    ...(causationId === undefined ? {} : { causationid: causationId }),
    ...(salt === undefined ? {} : { chainsalt: salt }),
    ...(dataDigest === undefined ? {} : { chaindigest: dataDigest }),
  }
}

/** Back again; the caller checks what came of it. */
export function fromCloudEvent(event: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return {
    stream: event['subject'],
    version: event['streamversion'],
    id: event['id'],
    type: event['type'],
    at: event['time'],
    recordedAt: event['recordedat'],
    actor: event['actor'],
    causationId: event['causationid'],
    data: event['data'],
    hash: event['chainhash'],
    salt: event['chainsalt'],
    dataDigest: event['chaindigest'],
  }
}
