import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@firebreak/core'
import { expect, test } from 'vitest'
import { startLoad } from './load.ts'

test('the fault is what the release answers, not a request that a deploy cut off', async () => {
  let status = 503
  const server = createServer((_request, response) => response.writeHead(status).end())
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const load = startLoad({ url, perSecond: 100, longestMs: 60_000, clock: systemClock })
  await expect.poll(() => load.failed, { timeout: 20_000 }).toBeGreaterThan(20)
  expect(load.faultAt).toBeUndefined()
  status = 500
  await expect.poll(() => load.faultAt, { timeout: 20_000 }).toBeDefined()
  await load.stop()
  server.closeAllConnections()
  await new Promise((settle) => server.close(settle))
})
