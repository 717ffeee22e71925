import { FirebreakError } from '@firebreak/core'

/** Acting is on hold, or the claim is lost: nothing was done; tried again when that is over. */
export class Held extends FirebreakError<'HELD'> {
  readonly retryAfterMs = 15_000
  constructor() {
    super({ code: 'HELD', message: 'acting is on hold: nothing is changed' })
    this.name = 'Held'
  }
}
