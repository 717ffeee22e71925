import type { App } from './app.ts'
import { livingMachines } from './app.ts'
import { isRoutable } from './checks.ts'
import { listOf, objectOf } from './config.ts'
import { boot } from './lifecycle.ts'
import type { Machine } from './machine.ts'
import type { World } from './world.ts'

/** How long a request waits for a sleeping machine, in milliseconds. */
const wakeMs = 10_000

/**
 * What the proxy does with a request when no machine serves: it starts one that sleeps, if its service says `autostart`,
 * and waits for it. Undefined when there is none, or it does not come up in time.
 */
export function wake(world: World, app: App): Promise<Machine | undefined> {
  const sleeping = livingMachines(app).find(
    (machine) =>
      (machine.state === 'stopped' || machine.state === 'suspended' || machine.state === 'starting') &&
      !machine.cordoned &&
      listOf(machine.version.config['services']).some((service) => objectOf(service)['autostart'] === true),
  )
  if (sleeping === undefined) return Promise.resolve(undefined)
  if (sleeping.state !== 'starting') boot(world, sleeping, 'proxy', sleeping.state === 'suspended')
  return new Promise((resolve) => {
    const release = world.agenda.hold()
    const finish = (machine: Machine | undefined) => {
      stop()
      deadline.cancel()
      release()
      resolve(machine)
    }
    const stop = world.watchers.watch(sleeping.id, () => {
      if (!isRoutable(sleeping)) return false
      finish(sleeping)
      return true
    })
    const deadline = world.agenda.after(wakeMs, () => finish(undefined))
  })
}
