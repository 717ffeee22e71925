import type { DeployTarget } from '@firebreak/core'
import type { Case, Kit } from './deploy-target-kit.ts'

/** What a target can do beyond an update. */
export const capabilityCases: readonly Case[] = [
  {
    title: 'records a rollback as the newest release, running and then complete, once',
    needs: 'record',
    run: async ({ target, context, run, unit, otherRelease, expect: that }) => {
      const before = await run(target.releases(context))
      const to = await otherRelease(await unit())
      const wanted = {
        image: to.image,
        ...(to.digest === undefined ? {} : { digest: to.digest }),
        reason: 'conformance',
        rollbackTo: to.version,
      }
      const running = await run(recordOf(target, { ...wanted, status: 'running' }, context))
      await run(recordOf(target, { ...wanted, status: 'complete', release: running }, context))
      const after = await run(target.releases(context))
      that(after.length).toBe(before.length + 1)
      that([after[0]?.version, after[0]?.status]).toEqual([running.version, 'complete'])
      that(after[0]?.labels['firebreak.rollback']).toBe(`v${to.version}`)
    },
  },
  {
    title: 'isolates and puts back, and twice is harmless',
    needs: 'isolate',
    run: async ({ target, context, run, unit, expect: that }) => {
      const first = await unit()
      await run(Promise.resolve(target.isolate?.(first, context)))
      const isolated = await run(target.observe(first.id, context))
      that([isolated.cordoned, isolated.state, isolated.image]).toEqual([true, first.state, first.image])
      await run(Promise.resolve(target.isolate?.(isolated, context)))
      await run(Promise.resolve(target.rejoin?.(await run(target.observe(first.id, context)), context)))
      that((await run(target.observe(first.id, context))).cordoned).toBe(false)
    },
  },
  {
    title: 'restarts a unit on the image that it runs',
    needs: 'restart',
    run: async ({ target, context, run, unit, expect: that }) => {
      const before = await unit()
      const restarted = await run(Promise.resolve(target.restart?.(before, context)))
      await run(target.settle(restarted ?? before, context))
      const after = await run(target.observe(before.id, context))
      that([after.state, after.image]).toEqual(['started', before.image])
    },
  },
]

async function recordOf(
  target: DeployTarget,
  record: Parameters<NonNullable<DeployTarget['recordRelease']>>[0],
  context: Kit['context'],
) {
  if (target.recordRelease === undefined) throw new Error('the traits say that it records releases, and it does not')
  return target.recordRelease(record, context)
}
