import { digestData, InvalidInput, type StreamId, type Write } from '@firebreak/core'
import { checkText, checkVersion } from './prepare.ts'
import type { StoredEvent } from './stored.ts'

const longestReason = 500
const recordType = 'event.redacted'

/** What stands in place of a redacted event: the digest keeps the chain verifiable, the salt that would unmask it is gone. */
export function redacted(stored: StoredEvent, reason: string): StoredEvent {
  const { data, salt = '' } = stored
  return { ...stored, data: JSON.stringify({ redacted: reason }), salt: undefined, dataDigest: digestData(data, salt) }
}

/** The record of a redaction, in the same stream: without one, a missing content is an edit. */
export function redactionRecord(stream: StreamId, version: number, reason: string): Write {
  const data = { stream, version, reason, by: 'log' }
  return { stream, expected: 'dedupe', events: [{ id: `redacted/${version}`, type: recordType, actor: 'log', data }] }
}

export function checkRedaction(version: unknown, reason: unknown): void {
  checkVersion(version, 'version')
  checkText(reason, 'reason', longestReason)
}

/** Is there something to redact? False when it was done before. */
export function canRedact(stored: StoredEvent | undefined, stream: StreamId, version: number): stored is StoredEvent {
  if (stored === undefined) throw new InvalidInput('version', `${stream} has no event ${version}`)
  if (stored.type === recordType)
    throw new InvalidInput('version', `event ${version} of ${stream} is the record of a redaction, which has to stay`)
  return stored.dataDigest === undefined
}
