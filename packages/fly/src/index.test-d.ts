import type { DeployTarget, HealthSource, Probe } from '@firebreak/core'
import { expectTypeOf, test } from 'vitest'
import { createFly, flyHealth, flyProbe, flyTarget, type FlyCall, type FlyList, type Machine } from './index.ts'

const app = createFly({ token: 'x' }).app('shop')

test('a call is a promise of its data, and gives its response too', async () => {
  expectTypeOf(app.machines.get('m1')).toEqualTypeOf<FlyCall<Machine>>()
  expectTypeOf(await app.machines.get('m1')).toEqualTypeOf<Machine>()
  expectTypeOf((await app.machines.get('m1').withResponse()).data).toEqualTypeOf<Machine>()
  expectTypeOf(app.machines.get('m1')).not.toExtend<AsyncIterable<Machine>>()
})

test('a list is awaited or iterated', async () => {
  expectTypeOf(app.machines.list()).toEqualTypeOf<FlyList<Machine>>()
  expectTypeOf(await app.machines.list()).toEqualTypeOf<readonly Machine[]>()
  for await (const machine of app.machines.list()) expectTypeOf(machine).toEqualTypeOf<Machine>()
})

test('what was read cannot be written by accident', async () => {
  const machine = await app.machines.get('m1')
  expectTypeOf(machine).toEqualTypeOf<Readonly<Machine>>()
  // @ts-expect-error a change goes through update()
  machine.state = 'stopped'
})

test('Fly stands behind the ports', () => {
  expectTypeOf(flyTarget(app)).toEqualTypeOf<DeployTarget>()
  expectTypeOf(flyHealth(app)).toEqualTypeOf<HealthSource>()
  expectTypeOf(flyProbe(app)).toEqualTypeOf<Probe>()
})
