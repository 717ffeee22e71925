import type { IncidentLog } from '@firebreak/core'

/** Who is here, within one process: aborting the signal is what a crash would be, so that simulations can have one. */
export function memoryPresence(): NonNullable<IncidentLog['presence']> {
  const here = new Set<string>()
  const gone = new Set<string>()

  return async (owner, { signal }) => {
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
      isGone: async (other) => gone.has(other) && !here.has(other),
      async [Symbol.asyncDispose]() {
        if (here.has(owner)) leave()
      },
    }
  }
}
