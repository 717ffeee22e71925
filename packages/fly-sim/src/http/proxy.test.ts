import { createServer } from 'node:http'
import { createTestClock } from '@firebreak/core/testing'
import { expect, test } from 'vitest'
import { createAgenda } from '../agenda.ts'
import { createLogs } from '../world/logs.ts'
import type { App } from '../world/app.ts'
import type { Machine } from '../world/machine.ts'
import type { World } from '../world/world.ts'
import { listenOnLoopback } from './listen.ts'
import { startProxy } from './proxy.ts'

const uncounted = { count: () => undefined, scrape: () => undefined }

/** As much of a world as a proxy needs: two machines in the pool, of which one does not listen. */
async function proxyOver(ports: Record<string, number>) {
  const agenda = createAgenda(createTestClock(), 0)
  const machines = new Map(
    Object.keys(ports).map((id) => [
      id,
      { id, app: 'shop', state: 'started', process: {}, checks: [], version: { config: {} }, region: 'iad' },
    ]),
  )
  const logs = createLogs(agenda.now.bind(agenda), () => false)
  const app = { name: 'shop', machines } as unknown as App
  const upstreams = {
    port: (machine: Machine) => ports[machine.id],
    counted: () => uncounted,
    edge: () => uncounted,
  }
  const proxy = await startProxy({ agenda, logs } as unknown as World, app, upstreams)
  return { proxy, messages: () => logs.page('shop', { after: 0n }).map(({ message }) => message.slice(0, 6)) }
}

test('a machine that refuses the connection is passed over, and told of', async () => {
  const real = await listenOnLoopback(
    createServer((_, response) => response.end('ok')),
    0,
  )
  const closed = await listenOnLoopback(createServer(), 0)
  await closed.close()
  const portOf = (url: string) => Number(new URL(url).port)
  const { proxy, messages } = await proxyOver({ dead: portOf(closed.url), well: portOf(real.url) })
  for (let index = 0; index < 4; index += 1) expect((await fetch(proxy.url)).status).toBe(200)
  expect(messages().length).toBeGreaterThan(1)
  expect(new Set(messages())).toEqual(new Set(['[PC01]']))
  await proxy.close()
  await real.close()
})

test('when all refuse it is 502', async () => {
  const closed = await listenOnLoopback(createServer(), 0)
  await closed.close()
  const port = Number(new URL(closed.url).port)
  const { proxy, messages } = await proxyOver({ one: port, two: port, three: port })
  expect((await fetch(proxy.url)).status).toBe(502)
  expect(messages()).toEqual(['[PC01]', '[PC01]'])
  await proxy.close()
})
