import type { Runner } from '@firebreak/core/testing'
import { capabilityCases } from './capability-cases.ts'
import { kitOf, type DeployTargetSubject, type DeployTargetTraits } from './deploy-target-kit.ts'
import { lockCases } from './lock-cases.ts'
import { readCases } from './read-cases.ts'
import { updateCases } from './update-cases.ts'

/**
 * The obligations of a `DeployTarget`, one case each. Takes the runner's own functions (`{ describe, test, expect }`) and a
 * factory that gives a fresh subject; never sleeps. A target that passes can be rolled back by `executeRollback`.
 */
export function describeDeployTarget(
  name: string,
  factory: () => DeployTargetSubject | Promise<DeployTargetSubject>,
  { describe, test, expect }: Runner,
  traits: DeployTargetTraits = {},
): void {
  describe(`${name} as a DeployTarget`, () => {
    for (const { title, needs, run } of [...readCases, ...updateCases, ...lockCases, ...capabilityCases]) {
      if (needs !== undefined && traits[needs] !== true) continue
      test(title, async () => {
        const subject = await factory()
        try {
          await run(kitOf(subject, expect))
        } finally {
          await subject.close?.()
        }
      })
    }
  })
}
