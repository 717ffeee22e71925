import { expect, test } from 'vitest'
import { provePlans } from './fixtures/plan-property.ts'

test('over random histories a plan never goes to what is aborted, quarantined, gone, below the floor or unproven', async () => {
  await expect(provePlans(300)).resolves.toBeUndefined()
})
