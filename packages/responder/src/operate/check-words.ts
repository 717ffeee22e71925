import { InvalidInput } from '@firebreak/core'
import { parseInput, timestampSchema } from '@firebreak/core/schemas'

/* oxlint-disable no-control-regex -- that is what it looks for */
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
/* oxlint-enable no-control-regex */

/** What a person says: a text, and not an empty one. */
export function checkSaid(words: unknown, field: string): void {
  if (typeof words !== 'string' || words.trim() === '') throw new InvalidInput(field, 'is missing: give a text')
}

/** Who, what, which: on one line, for it stands in the log as a name. */
export function checkName(name: unknown, field: string): void {
  checkSaid(name, field)
  if (control.test(name as string))
    throw new InvalidInput(field, 'holds a line break or another control character: take it out')
}

/** The name of one service; a stream is named after it. */
export function checkServiceName(service: unknown): void {
  checkName(service, 'service')
  if ((service as string).includes('/')) throw new InvalidInput('service', 'must be the name of one service, without /')
}

/** An end that is still to come: whoever says stop must not be left believing that it stopped. */
export function checkEnd(until: string, now: number): void {
  parseInput(timestampSchema, until, 'until')
  if (!(Date.parse(until) > now))
    throw new InvalidInput('until', `is ${until.slice(0, 40)}; give a time that is still to come`)
}
