import type { IncidentLog } from '@firebreak/core'
import { checkPresence } from './calls.ts'
import { limits } from './limits.ts'
import { checkText } from './prepare.ts'

/** Who is here, within one process: aborting the signal is what a crash would be, so that simulations can have one. */
export function memoryPresence(): NonNullable<IncidentLog['presence']> {
  const here = new Set<string>()
  const gone = new Set<string>()

  return async (owner, options) => {
    const signal = checkPresence(owner, options)
    signal.throwIfAborted()
    here.add(owner)
    gone.delete(owner)
    function leave() {
      signal.removeEventListener('abort', leave)
      here.delete(owner)
      gone.add(owner)
    }
    signal.addEventListener('abort', leave, { once: true })
    return {
      async isGone(other) {
        checkText(other, 'owner', limits.actor)
        return gone.has(other) && !here.has(other)
      },
      async [Symbol.asyncDispose]() {
        if (here.has(owner)) leave()
      },
    }
  }
}
