import type { DeployTarget } from '@firebreak/core'
import { expect, test } from 'vitest'
import { good, never, simShop } from '../fixtures/sim-shop.ts'
import { flyTarget } from './fly-target.ts'

const context = { signal: never }

/** One line a call, a machine by its number; repeats in a row are one line. */
function kinds(shop: ReturnType<typeof simShop>): string[] {
  const numbers = new Map(shop.sim.admin.machines('shop').map(({ id }, index) => [id, `m${index + 1}`]))
  const lines = shop.sim.admin
    .calls()
    .filter(({ operation }) => operation !== 'graphql')
    .map(({ operation, machine, body }) => {
      const status = operation === 'releases.update' ? /"status":"(\w+)"/.exec(body)?.[1] : undefined
      return [operation, numbers.get(machine ?? ''), status].filter((part) => part !== undefined).join(' ')
    })
  return lines.filter((line, index) => line !== lines[index - 1])
}

/** As Appendix A of the fact sheet: release, running, leases, machine by machine, leases back, complete. */
test('a rolling update makes the calls of fly deploy, in their order', async () => {
  await using shop = simShop({ machines: 2 })
  const target = flyTarget(shop.app) as Required<DeployTarget>
  const run = <T>(work: Promise<T>) => shop.clock.run(work)

  const release = (await run(target.releases(context))).find(({ image }) => image === good)
  if (release === undefined) throw new Error('no release')
  expect(await run(target.available(release, context))).toBe(true)
  shop.sim.admin.clearCalls()

  const units = await run(target.units(context))
  const record = { image: good, reason: 'v2 fails', rollbackTo: 1 }
  const running = await run(target.recordRelease({ ...record, status: 'running' }, context))
  let lock = await run(target.lock(context))
  for (const unit of units) {
    const updated = await run(target.update(unit, release, { ...context, lock }))
    await run(target.settle(updated, { ...context, lock }))
    lock = await run(target.renew(lock, context))
  }
  await run(target.unlock(lock, context))
  await run(target.recordRelease({ ...record, status: 'complete', release: running }, context))

  expect(kinds(shop)).toEqual([
    'machines.list',
    'releases.create',
    'releases.update running',
    'machines.list',
    'leases.acquire m1',
    'leases.acquire m2',
    'machines.get m1',
    'machines.update m1',
    'machines.get m1',
    'machines.wait m1',
    'machines.get m1',
    'leases.acquire m1',
    'leases.acquire m2',
    'machines.get m2',
    'machines.update m2',
    'machines.get m2',
    'machines.wait m2',
    'machines.get m2',
    'leases.acquire m1',
    'leases.acquire m2',
    'leases.release m1',
    'leases.release m2',
    'releases.update complete',
  ])
  const updates = shop.sim.admin.calls({ operation: 'machines.update' })
  expect(
    updates.every(({ body }) => body.includes('"current_version"') && body.includes('"fly_release_version":"3"')),
  ).toBe(true)
})
