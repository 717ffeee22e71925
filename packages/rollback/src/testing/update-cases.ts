import type { Unit } from '@firebreak/core'
import { imageBook } from '../images.ts'
import type { Case } from './deploy-target-kit.ts'

/** What an update does and does not do. */
export const updateCases: readonly Case[] = [
  {
    title: 'gives a unit the image: it really runs it once it has settled',
    run: async ({ target, context, run, unit, otherRelease, update, expect: that }) => {
      const before = await unit()
      const release = await otherRelease(before)
      const settled = await update(before, release)
      const seen = await run(target.observe(before.id, context))
      that(imageBook([release], []).same(seen, release)).toBe(true)
      that(settled.state).toBe('started')
      that(seen.state).toBe('started')
    },
  },
  {
    title: 'moves the revision with every change',
    run: async ({ target, context, run, unit, otherRelease, update, expect: that }) => {
      const before = await unit()
      const release = await otherRelease(before)
      await update(before, release)
      that((await run(target.observe(before.id, context))).revision).not.toBe(before.revision)
    },
  },
  {
    title: 'gives the image and nothing else',
    run: async ({ target, context, run, unit, otherRelease, update, expect: that }) => {
      const before = await unit()
      const release = await otherRelease(before)
      await update(before, release)
      const after = await run(target.observe(before.id, context))
      const rest = ({ id, region, group, cordoned, checks }: Unit) => [
        id,
        region,
        group,
        cordoned,
        checks.map((check) => [check.name, check.kind]),
      ]
      that(rest(after)).toEqual(rest(before))
    },
  },
  {
    title: 'touches no other unit',
    run: async ({ target, context, run, unit, otherRelease, update, expect: that }) => {
      const before = await unit()
      const others = async () =>
        (await run(target.units(context)))
          .filter(({ id }) => id !== before.id)
          .map(({ id, image, revision }) => [id, image, revision])
      const then = await others()
      await update(before, await otherRelease(before))
      that(await others()).toEqual(then)
    },
  },
  {
    title: 'refuses a revision that is no longer current with UNIT_CHANGED, and changes nothing',
    run: async ({ target, subject, context, run, unit, otherRelease, refused, expect: that }) => {
      const stale = await unit()
      await subject.touch(stale.id)
      const release = await otherRelease(stale)
      that((await refused(run(target.update(stale, release, context)))).code).toBe('UNIT_CHANGED')
      that(imageBook([release], []).same(await run(target.observe(stale.id, context)), release)).toBe(false)
    },
  },
  {
    title: 'lets one of two writers with the same revision win',
    run: async ({ target, context, run, unit, otherRelease, expect: that }) => {
      const before = await unit()
      const release = await otherRelease(before)
      const both = await run(
        Promise.allSettled([target.update(before, release, context), target.update(before, release, context)]),
      )
      that(both.filter(({ status }) => status === 'fulfilled').length).toBe(1)
    },
  },
  {
    title: 'leaves a stopped unit stopped, with the image',
    needs: 'stopped',
    run: async ({ target, subject, context, run, otherRelease, update, expect: that }) => {
      const before = await run(target.observe(subject.stopped ?? '', context))
      const release = await otherRelease(before)
      await update(before, release)
      const after = await run(target.observe(before.id, context))
      that([after.state, imageBook([release], []).same(after, release)]).toEqual([before.state, true])
    },
  },
  {
    title: 'says why a unit must be left alone, and refuses to change it',
    needs: 'untouchable',
    run: async ({ target, subject, context, run, otherRelease, refused, expect: that }) => {
      const unit = await run(target.observe(subject.untouchable ?? '', context))
      that(typeof unit.untouchable === 'string' && unit.untouchable !== '').toBe(true)
      await refused(run(target.update(unit, await otherRelease(unit), context)))
      that((await run(target.observe(unit.id, context))).revision).toBe(unit.revision)
    },
  },
  {
    title: 'settles what is settled at once',
    run: async ({ target, context, run, unit, expect: that }) => {
      const before = await unit()
      that((await run(target.settle(before, context))).revision).toBe(before.revision)
    },
  },
  {
    title: 'does nothing once the signal is aborted',
    run: async ({ target, run, unit, otherRelease, refused, expect: that }) => {
      const before = await unit()
      const release = await otherRelease(before)
      const aborted = { signal: AbortSignal.abort(new Error('given up')) }
      await refused(run(target.releases(aborted)))
      await refused(run(target.units(aborted)))
      await refused(run(target.update(before, release, aborted)))
      that((await unit()).revision).toBe(before.revision)
    },
  },
]
