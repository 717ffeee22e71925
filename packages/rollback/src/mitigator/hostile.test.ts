import { expect, test } from 'vitest'
import { proveBounds } from '../fixtures/hostile.ts'

test('whatever is told, writes stay within budget, floor and hold', async () => {
  await expect(proveBounds(60)).resolves.toBeUndefined()
})
