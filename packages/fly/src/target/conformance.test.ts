import { describeDeployTarget, type DeployTargetSubject } from '@firebreak/rollback/testing'
import { describe, expect, test } from 'vitest'
import { simShop } from '../fixtures/sim-shop.ts'
import { flyTarget } from './fly-target.ts'

function subject(): DeployTargetSubject {
  const shop = simShop({ machines: [{ region: 'iad' }, { region: 'ord' }, { state: 'stopped' }, { unmanaged: true }] })
  const { clock, app, sim } = shop
  const ids = sim.admin.machines('shop').map(({ id }) => id)
  return {
    target: flyTarget(app),
    run: (work) => clock.run(work),
    async touch(id) {
      await clock.run(app.machines.update(id, { metadata: { touched: 'yes' } }))
      await clock.run(app.machines.wait(id))
    },
    prune: ({ image }) => sim.admin.prune(image),
    lockByOther: () => void sim.admin.holdLease(ids[0] ?? '', { owner: 'ci@example.com', milliseconds: 3_600_000 }),
    stopped: ids[2],
    untouchable: ids[3],
    close: () => sim.close(),
  }
}

describeDeployTarget(
  'flyTarget',
  subject,
  { describe, test, expect },
  {
    lock: true,
    record: true,
    isolate: true,
    restart: true,
    prune: true,
    lockByOther: true,
    stopped: true,
    untouchable: true,
  },
)
