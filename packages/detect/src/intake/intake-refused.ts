import { FirebreakError } from '@firebreak/core'

/**
 * - `METHOD_NOT_ALLOWED` 405, `UNSUPPORTED_MEDIA_TYPE` 415: the sender is set up for something else
 * - `BODY_TOO_LARGE` 413, `BODY_TOO_SLOW` 408, `BODY_TOO_COMPLEX` 413: beyond the limits, refused before it is parsed
 * - `BODY_UNREADABLE` 400: not UTF-8 or not JSON
 * - `TOKEN_WRONG`, `SIGNATURE_WRONG` 401: not from who it should be from
 * - `DELIVERY_STALE` 401: signed too long ago, or in the future; check both clocks
 * - `DELIVERY_REPLAYED` 409: this delivery has been taken already
 */
export type IntakeErrorCode =
  | 'METHOD_NOT_ALLOWED'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'BODY_TOO_LARGE'
  | 'BODY_TOO_SLOW'
  | 'BODY_TOO_COMPLEX'
  | 'BODY_UNREADABLE'
  | 'TOKEN_WRONG'
  | 'SIGNATURE_WRONG'
  | 'DELIVERY_STALE'
  | 'DELIVERY_REPLAYED'

const statuses: Readonly<Record<IntakeErrorCode, number>> = {
  METHOD_NOT_ALLOWED: 405,
  UNSUPPORTED_MEDIA_TYPE: 415,
  BODY_TOO_LARGE: 413,
  BODY_TOO_SLOW: 408,
  BODY_TOO_COMPLEX: 413,
  BODY_UNREADABLE: 400,
  TOKEN_WRONG: 401,
  SIGNATURE_WRONG: 401,
  DELIVERY_STALE: 401,
  DELIVERY_REPLAYED: 409,
}

/** A delivery that is not taken. Nothing of it was. A wrong field is core's `InvalidInput` instead (400). */
export class IntakeRefused extends FirebreakError<IntakeErrorCode> {
  /** What an HTTP server answers. */
  readonly status: number
  /** What is wrong: a header's name, 'body', 'body.alerts'. */
  readonly field: string

  constructor(code: IntakeErrorCode, field: string, message: string, cause?: unknown) {
    super({ code, message: `${field}: ${message}`, cause })
    this.name = 'IntakeRefused'
    this.status = statuses[code]
    this.field = field
  }
}
