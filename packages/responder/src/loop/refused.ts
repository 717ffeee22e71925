import type { Incident } from '@firebreak/core'
import type { House } from './house.ts'
import type { Wanted } from './agenda.ts'
import { messageOf } from './perform.ts'
import { partFailed } from './plan.ts'
import { isRefusal, type Followed } from './subject.ts'

/** Actions that the log does not take as they are: left out from then on, so that the others do not wait for them. */
export interface Refused {
  /** What is wanted, without them; of each part that planned one, that a person looks at it. */
  without(followed: Followed, wanted: readonly Wanted[]): readonly Wanted[]
  /**
   * Appends all of them at once. Where the log finds one of them unfit, one after the other, so that only that one is left
   * out. What else goes wrong is thrown.
   */
  append<T extends Keyed>(
    followed: Followed,
    all: readonly T[],
    write: (some: readonly T[]) => Promise<unknown>,
  ): Promise<void>
}

interface Keyed {
  readonly part: string
  readonly action: { readonly key: string }
}

export function createRefused(house: House): Refused {
  const known = new WeakMap<Followed, Map<string, { readonly part: string; readonly error: unknown }>>()

  function refuse(followed: Followed, key: string, part: string, error: unknown): void {
    const keys = known.get(followed) ?? new Map<string, { readonly part: string; readonly error: unknown }>()
    known.set(followed, keys.set(key, { part, error }))
    house.logger.error('an action cannot be recorded', { stream: followed.stream, part, key, error: messageOf(error) })
  }

  return {
    without(followed, wanted) {
      const keys = known.get(followed)
      if (keys === undefined) return wanted
      const rest = wanted.filter(({ action }) => !keys.has(action.key))
      if (followed.state.kind !== 'incident') return rest
      const incident = followed.state as Readonly<Incident>
      const failed = new Map(Array.from(keys.values(), ({ part, error }) => [part, error]))
      return [...rest, ...Array.from(failed, ([part, error]) => ({ part, action: partFailed(part, incident, error) }))]
    },
    async append(followed, all, write) {
      try {
        await write(all)
        return
      } catch (error) {
        if (!isRefusal(error)) throw error
      }
      for (const it of all) {
        try {
          await write([it])
        } catch (error) {
          if (!isRefusal(error)) throw error
          refuse(followed, it.action.key, it.part, error)
        }
      }
    },
  }
}
