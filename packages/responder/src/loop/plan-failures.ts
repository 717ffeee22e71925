import type { StreamId } from '@firebreak/core'
import type { Logger } from '../logger.ts'
import { messageOf } from './perform.ts'

/** Remembered at most; what is older is said once more. */
const mostRemembered = 1_000

/** A part that cannot plan fails at every look, and is said once: of a desk nothing else would say it. */
export function createPlanFailures(logger: Logger) {
  const said = new Set<string>()
  return {
    log(stream: StreamId, part: string, error: unknown): void {
      const message = messageOf(error)
      const what = `${stream}\n${part}\n${message}`
      if (said.has(what)) return
      if (said.size >= mostRemembered) said.clear()
      said.add(what)
      logger.error('a part failed to plan', { stream, part, error: message })
    },
  }
}
