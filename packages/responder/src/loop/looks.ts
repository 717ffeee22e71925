import type { Presence } from '@firebreak/core'

/** One look at an owner's life serves all the streams in which it holds a claim. */
export interface Looks {
  /** Is it known to be gone, by a look that is fresh at `now`? */
  of(owner: string, presence: Presence, now: number): Promise<boolean>
}

export function createLooks(everyMs: number): Looks {
  const looks = new Map<string, { readonly at: number; readonly gone: Promise<boolean> }>()

  return {
    of(owner, presence, now) {
      const known = looks.get(owner)
      if (known !== undefined && now >= known.at && now - known.at < everyMs) return known.gone
      // A store that cannot tell has not said that anybody is gone: then the deadline counts.
      const gone = Promise.resolve(presence.isGone(owner)).catch(() => false)
      looks.set(owner, { at: now, gone })
      return gone
    },
  }
}
