import { expect, test } from 'vitest'
import { proveBounds } from '../fixtures/hostile.ts'

test('over 2,000 hostile streams, writes stay within budget, floor and hold', async () => {
  await expect(proveBounds(2_000)).resolves.toBeUndefined()
})
