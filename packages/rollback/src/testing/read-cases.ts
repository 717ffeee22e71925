import { FirebreakError } from '@firebreak/core'
import type { Case } from './deploy-target-kit.ts'

/** What a target tells. */
export const readCases: readonly Case[] = [
  {
    title: 'lists releases newest first, each with a number of its own and a time',
    run: async ({ target, context, run, expect: that }) => {
      const releases = await run(target.releases(context))
      const versions = releases.map(({ version }) => version)
      that(versions).toEqual([...new Set(versions)].toSorted((one, other) => other - one))
      that(releases.every(({ createdAt }) => !Number.isNaN(Date.parse(createdAt)))).toBe(true)
      that(releases.length > 1).toBe(true)
    },
  },
  {
    title: 'honours the limit',
    run: async ({ target, context, run, expect: that }) => {
      const all = await run(target.releases(context))
      const one = await run(target.releases({ ...context, limit: 1 }))
      that(one.map(({ version }) => version)).toEqual([all[0]?.version])
    },
  },
  {
    title: 'knows that a listed image can be pulled',
    run: async ({ target, context, run, unit, otherRelease, expect: that }) => {
      that(await run(target.available(await otherRelease(await unit()), context))).toBe(true)
    },
  },
  {
    title: 'asks the registry each time: a pruned image is no longer available',
    needs: 'prune',
    run: async ({ target, subject, context, run, unit, otherRelease, expect: that }) => {
      const release = await otherRelease(await unit())
      await run(target.available(release, context))
      await subject.prune?.(release)
      that(await run(target.available(release, context))).toBe(false)
    },
  },
  {
    title: 'observes a unit as the list shows it',
    run: async ({ target, context, run, expect: that }) => {
      for (const listed of await run(target.units(context))) {
        const seen = await run(target.observe(listed.id, context))
        that([seen.id, seen.region, seen.group, seen.image, seen.revision]).toEqual([
          listed.id,
          listed.region,
          listed.group,
          listed.image,
          listed.revision,
        ])
      }
    },
  },
  {
    title: 'rejects for a unit that does not exist, with an error that has a code',
    run: async ({ target, context, run, refused, expect: that }) => {
      const error = await refused(run(target.observe('no-such-unit', context)))
      that(FirebreakError.isInstance(error)).toBe(true)
    },
  },
]
