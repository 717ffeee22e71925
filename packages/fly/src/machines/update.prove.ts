import { expect, test } from 'vitest'
import { provePreserved } from '../fixtures/preserved.ts'

test('an update preserves every field, in five thousand configurations', async () => {
  await expect(provePreserved(5_000)).resolves.toBeUndefined()
})
