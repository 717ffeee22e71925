import type { DeployTarget, Lock } from '@firebreak/core'
import type { Case, Kit } from './deploy-target-kit.ts'

/** Keeping other deploys away. */
export const lockCases: readonly Case[] = [
  {
    title: 'locks once: the second is refused with LOCK_HELD, naming the holder',
    needs: 'lock',
    run: async ({ target, context, run, refused, expect: that }) => {
      const held = await run(lockOf(target, context))
      const error = await refused(run(lockOf(target, context)))
      that(error.code).toBe('LOCK_HELD')
      that(error.message).toContain(held.holder)
    },
  },
  {
    title: 'gives the lock back, and twice is harmless',
    needs: 'lock',
    run: async ({ target, context, run, expect: that }) => {
      const held = await run(lockOf(target, context))
      await run(Promise.resolve(target.unlock?.(held, context)))
      await run(Promise.resolve(target.unlock?.(held, context)))
      const again = await run(lockOf(target, context))
      that(again.nonce).not.toBe(held.nonce)
    },
  },
  {
    title: 'writes under its own lock',
    needs: 'lock',
    run: async ({ target, context, run, unit, otherRelease, expect: that }) => {
      const held = await run(lockOf(target, context))
      const before = await unit()
      const release = await otherRelease(before)
      const updated = await run(target.update(before, release, { ...context, lock: held }))
      that(updated.id).toBe(before.id)
    },
  },
  {
    title: 'renews with the same nonce, to a later end',
    needs: 'lock',
    run: async ({ target, context, run, expect: that }) => {
      const held = await run(lockOf(target, context))
      const renewed = await run(Promise.resolve(target.renew?.(held, context)))
      that(renewed?.nonce).toBe(held.nonce)
      that(Date.parse(renewed?.expiresAt ?? '') >= Date.parse(held.expiresAt)).toBe(true)
    },
  },
  {
    title: "refuses to write while somebody else's lock lives, and shows who holds it",
    needs: 'lockByOther',
    run: async ({ target, subject, context, run, unit, otherRelease, refused, expect: that }) => {
      await subject.lockByOther?.()
      const before = await unit()
      that(before.lockedBy !== undefined).toBe(true)
      await refused(run(target.update(before, await otherRelease(before), context)))
      that((await refused(run(lockOf(target, context)))).code).toBe('LOCK_HELD')
    },
  },
]

async function lockOf(target: DeployTarget, context: Kit['context']): Promise<Lock> {
  if (target.lock === undefined) throw new Error('the traits say that it has a lock, and it has none')
  return target.lock(context)
}
