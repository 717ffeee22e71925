import type { Presence, StreamId } from '@firebreak/core'
import type { House } from './house.ts'
import { createLooks } from './looks.ts'
import type { Schedule } from './schedule.ts'
import type { Followed } from './subject.ts'

/** How often another owner's life is looked at while it holds a claim, in milliseconds. */
const presenceEveryMs = 50
/** In the schedule: no stream has such a name. */
export const owners = '\0owners'

/** Other processes that hold claims: who of them is dead, and what waits for them. */
export interface Others {
  isGone(owner: string): boolean
  /** An owner whose process is known to be dead loses its claims at once; a silent one at its deadline. */
  noticeTheDead(followed: Followed): Promise<void>
  /** Others' claims are waited for without planning: only their owners are looked at, each once for all of its claims. */
  waitFor(followed: Followed, now: number): void
  /** What a dead owner has left is due at once. */
  look(now: number, urgent: Set<StreamId>): Promise<void>
}

export function createOthers(house: House, schedule: Schedule, presenceNow: () => Presence | undefined): Others {
  const gone = new Set<string>()
  const looks = createLooks(presenceEveryMs)
  /** Which streams wait for what other owners are doing. */
  const waitsFor = new Map<string, Set<StreamId>>()

  return {
    isGone: (owner) => gone.has(owner),

    async noticeTheDead({ state }) {
      const presence = presenceNow()
      if (presence === undefined || state.kind === 'service') return
      for (const { finished, owner } of state.actions.values()) {
        if (finished !== undefined || owner === house.owner || gone.has(owner)) continue
        if (await looks.of(owner, presence, house.clock.now())) gone.add(owner)
      }
    },

    waitFor({ state, stream }, now) {
      if (presenceNow() === undefined || state.kind === 'service') return
      for (const [owner, waiting] of waitsFor) {
        waiting.delete(stream)
        if (waiting.size === 0) waitsFor.delete(owner)
      }
      for (const { finished, owner } of state.actions.values()) {
        if (finished !== undefined || owner === house.owner) continue
        const waiting = waitsFor.get(owner) ?? new Set()
        waitsFor.set(owner, waiting.add(stream))
      }
      if (waitsFor.size > 0) schedule.sooner(owners, now + presenceEveryMs)
    },

    async look(now, urgent) {
      const presence = presenceNow()
      if (presence === undefined) return
      await Promise.all(
        Array.from(waitsFor, async ([owner, waiting]) => {
          if (!gone.has(owner) && !(await looks.of(owner, presence, now))) return
          gone.add(owner)
          for (const stream of waiting) urgent.add(stream)
          waitsFor.delete(owner)
        }),
      )
      if (waitsFor.size > 0) schedule.sooner(owners, now + presenceEveryMs)
    },
  }
}
