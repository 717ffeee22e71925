import { InvalidInput, type Outcome, type RecordAction } from '@firebreak/core'
import { messageOf } from './perform.ts'

/** Looked at only here, where it is needed: a page is put into words when it is requested, and not at each plan before. */
export function outcomeOf(action: RecordAction): Outcome {
  const record = wordsOf(action)
  if (!Array.isArray((record as Partial<Outcome> | undefined)?.events))
    throw new InvalidInput(`${action.key}: record.events`, 'is no list')
  return record
}

/** What cannot be put into words is refused like what the log does not take: the others go on. */
function wordsOf(action: RecordAction): Outcome {
  try {
    return action.record
  } catch (error) {
    throw new InvalidInput(`${action.key}: record`, `cannot be put into words: ${messageOf(error)}`)
  }
}
