import { describe, expect, test } from 'vitest'
import { bad, good, simShop } from '../fixtures/sim-shop.ts'
import type { Machine } from '../machines/machine.ts'
import { planScale } from './plan.ts'

let number = 0
function machine(region: string, digest = 'sha256:a', extra: Partial<Machine> = {}): Machine {
  number += 1
  return {
    id: `m${number}`,
    name: '',
    state: 'started',
    region,
    instance_id: '01V1',
    host_status: 'ok',
    events: [],
    checks: [],
    image_ref: { registry: 'r', repository: 'shop', tag: digest.slice(7), digest },
    config: { image: 'r/shop:a', metadata: { fly_platform_version: 'v2', fly_process_group: 'app' } },
    ...extra,
  }
}

describe('the plan', () => {
  test('adds round the regions, as fly scale count', () => {
    const plan = planScale([machine('iad'), machine('ord')], { count: 5 })
    expect(plan).toMatchObject({ from: 2, to: 5, remove: [] })
    expect(plan.add.map(({ region }) => region)).toEqual(['iad', 'ord', 'iad'])
  })

  test('adds where it is told, no more than so many a region', () => {
    const plan = planScale([machine('iad')], { count: 4, regions: ['iad', 'ams', 'ord'], maxPerRegion: 2 })
    expect(plan.add.map(({ region }) => region)).toEqual(['iad', 'ams', 'ord'])
    expect(() => planScale([machine('iad')], { count: 4, maxPerRegion: 2 })).toThrow(/no room for 2 more/)
  })

  test('removes backwards through the regions, the first machines of each first', () => {
    const machines = [machine('iad'), machine('iad'), machine('ord'), machine('ord')]
    const plan = planScale(machines, { count: 1 })
    expect(plan.remove.map(({ id }) => machines.findIndex((it) => it.id === id))).toEqual([2, 0, 3])
    expect(plan.add).toEqual([])
  })

  test('copies what most machines run, and warns that they differ', () => {
    const machines = [machine('iad', 'sha256:odd'), machine('iad'), machine('ord')]
    const plan = planScale(machines, { count: 4 })
    expect(plan.template?.digest).toBe('sha256:a')
    expect(plan.warnings.join()).toContain('2 different images')
  })

  test('counts only what is ours to change, and names the rest', () => {
    const lost = machine('iad', 'sha256:a', { host_status: 'unreachable' })
    const foreign = machine('iad', 'sha256:a', { config: { metadata: {} } })
    const worker = machine('iad', 'sha256:a', {
      config: { metadata: { fly_platform_version: 'v2', fly_process_group: 'worker' } },
    })
    const plan = planScale([machine('iad'), lost, foreign, worker], { count: 1 })
    expect(plan).toMatchObject({ from: 1, add: [], remove: [] })
    expect(plan.warnings).toHaveLength(2)
  })

  test('a group without machines has nothing to copy', () => {
    expect(() => planScale([], { count: 1 })).toThrow(/no machine to copy/)
  })
})

describe('on the simulator', () => {
  test('plan, show, apply; down again', async () => {
    await using shop = simShop()
    const { scale } = shop.app
    const up = await shop.clock.run(scale.plan({ count: 5 }))
    expect(shop.sim.admin.writes()).toEqual({})
    const { added } = await shop.clock.run(scale.apply(up))
    expect(added).toHaveLength(2)
    await shop.clock.advance(10_000)
    const down = await shop.clock.run(scale.plan({ count: 1 }))
    const { removed } = await shop.clock.run(scale.apply(down))
    expect(removed).toEqual(down.remove.map(({ id }) => id))
    await shop.clock.advance(70_000)
    expect(shop.sim.admin.machines('shop')).toHaveLength(1)
  })

  test('a plan of yesterday is refused, and nothing is written', async () => {
    await using shop = simShop()
    const plan = await shop.clock.run(shop.app.scale.plan({ count: 2 }))
    await shop.clock.run(shop.app.machines.delete(plan.remove[0]?.id ?? '', { force: true }))
    shop.sim.admin.clearCalls()
    await expect(shop.clock.run(shop.app.scale.apply(plan))).rejects.toMatchObject({ code: 'FLY_STALE_VERSION' })
    expect(shop.sim.admin.writes()).toEqual({})
  })

  test('a machine that somebody else has leased is not removed, and our leases are given back', async () => {
    await using shop = simShop()
    const plan = await shop.clock.run(shop.app.scale.plan({ count: 1 }))
    shop.sim.admin.holdLease(plan.remove[1]?.id ?? '', { owner: 'ci@example.com', milliseconds: 600_000 })
    await expect(shop.clock.run(shop.app.scale.apply(plan))).rejects.toMatchObject({ code: 'FLY_LEASE_HELD' })
    expect(shop.sim.admin.machines('shop')).toHaveLength(3)
    await expect(shop.clock.run(shop.app.machines.leases.get(plan.remove[0]?.id ?? ''))).rejects.toMatchObject({
      code: 'FLY_NOT_FOUND',
    })
  })

  test('another size, machine by machine; a stopped one stays stopped', async () => {
    await using shop = simShop({ machines: [{ state: 'stopped' }, { region: 'iad' }] })
    const machines = await shop.clock.run(shop.app.scale.size({ memoryMb: 2_048, cpus: 2, cpuKind: 'performance' }))
    expect(machines.map(({ state }) => state).toSorted()).toEqual(['started', 'stopped'])
    expect(machines.map(({ config }) => config?.guest)).toMatchObject([
      { memory_mb: 2_048, cpus: 2, cpu_kind: 'performance' },
      { memory_mb: 2_048, cpus: 2, cpu_kind: 'performance' },
    ])
  })

  test('a clone runs what the original runs, pinned by digest', async () => {
    await using shop = simShop()
    const original = shop.sim.admin.machines('shop')[0]
    const clone = await shop.clock.run(shop.app.scale.clone(original?.id ?? '', { region: 'ord' }))
    expect(clone).toMatchObject({ region: 'ord', config: { image: `${bad}@${original?.digest}` } })
  })

  test('a machine with volumes is not cloned', async () => {
    await using shop = simShop()
    const copy = await shop.clock.run(shop.app.machines.get(shop.sim.admin.machines('shop')[0]?.id ?? ''))
    expect(copy.config?.mounts).toBeUndefined()
    expect(() =>
      planScale(
        [
          machine('iad', 'sha256:a', {
            config: { image: good, mounts: [{ volume: 'vol_1' }], metadata: { fly_platform_version: 'v2' } },
          }),
        ],
        { count: 2 },
      ),
    ).not.toThrow()
  })
})
