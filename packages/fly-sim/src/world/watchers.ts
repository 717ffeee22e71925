import type { Machine } from './machine.ts'

/** Who waits for a machine to get somewhere. */
export interface Watchers {
  /** Called after each change until it returns true or the disposer is called. */
  watch(machineId: string, look: () => boolean): () => void
  changed(machine: Machine): void
}

export function createWatchers(): Watchers {
  const watching = new Map<string, Set<() => boolean>>()
  return {
    watch(machineId, look) {
      const own = watching.get(machineId) ?? new Set()
      watching.set(machineId, own)
      own.add(look)
      return () => {
        own.delete(look)
        if (own.size === 0) watching.delete(machineId)
      }
    },
    changed(machine) {
      const own = watching.get(machine.id)
      if (own === undefined) return
      for (const look of own) if (look()) own.delete(look)
      if (own.size === 0) watching.delete(machine.id)
    },
  }
}
