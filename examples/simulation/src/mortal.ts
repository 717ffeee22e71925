import type { IncidentLog } from '@firebreak/core'

/**
 * A process that can be killed: from then on, what it asks of the network or of the log is never answered. What it had sent
 * arrives all the same. Instances made after `revive` live.
 */
export interface Mortal {
  readonly network: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch
  readonly log: (log: IncidentLog) => IncidentLog
  kill(): void
  revive(): void
}

const never = () => new Promise<never>(() => undefined)

export function mortal(): Mortal {
  let generation = 0
  let dead = -1

  return {
    network: (fetch) => {
      const mine = generation
      return async (input, init) => {
        if (mine <= dead) return never()
        const response = await fetch(input, init)
        return mine <= dead ? never() : response
      }
    },
    log: (log) => ({
      ...log,
      async append(writes) {
        if (generation <= dead) return never()
        return log.append(writes)
      },
    }),
    kill() {
      dead = generation
    },
    revive() {
      generation += 1
    },
  }
}
