import { holdLock, type HeldLock, type LockOptions } from './service-lock.ts'

/** Takes a lock that everybody in this process shares: the first one locks, the last one gives it back. */
export type ShareLock = (options: LockOptions) => Promise<HeldLock>

/** One service's lock among the actions of one process, which may work on several units at once. */
export function sharedLock(): ShareLock {
  let holders = 0
  let current: Promise<HeldLock> | undefined
  let givingBack: Promise<void> = Promise.resolve()

  async function leave(lock: HeldLock | undefined): Promise<void> {
    holders -= 1
    if (holders > 0) return
    current = undefined
    givingBack = lock?.release() ?? Promise.resolve()
    await givingBack
  }
  return async function share(options) {
    await givingBack
    holders += 1
    current ??= holdLock(options)
    const mine = current
    let lock: HeldLock | undefined
    try {
      lock = await mine
    } catch (error) {
      await leave(undefined)
      throw error
    }
    const held = lock
    return { current: () => held.current(), lost: () => held.lost(), release: async () => leave(held) }
  }
}
