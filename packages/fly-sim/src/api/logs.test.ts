import { expect, test } from 'vitest'
import { shop } from '../fixtures/shop.ts'

async function page(send: ReturnType<typeof shop>['send'], query = '') {
  const { body } = await send('GET', `/api/v1/apps/shop/logs${query}`)
  return {
    entries: body.data.map(({ attributes }: { attributes: object }) => attributes) as {
      timestamp: string
      message: string
      instance: string
      region: string
      meta: { event: { provider: string } }
    }[],
    token: body.meta.next_token as string,
  }
}

test('the first page holds the newest entries, the token leads to what came after, and nothing is told twice', async () => {
  const { clock, send, path } = shop({}, { historyMs: 0 })
  await send('POST', path(0, '/restart'))
  await clock.advance(5_000)
  const first = await page(send, '?next_token=')
  expect(first.entries.at(-1)).toMatchObject({ message: expect.stringContaining('Machine started') as string })
  expect(first.token).toMatch(/^\d{19}$/)
  expect((await page(send, `?next_token=${first.token}`)).entries).toEqual([])
  await send('POST', path(1, '/restart'))
  await clock.advance(5_000)
  const { entries } = await page(send, `?next_token=${first.token}`)
  expect(entries).toHaveLength(1)
  expect(entries[0]?.timestamp).toMatch(/^2026-11-23T02:00:0\d\.\d{9}Z$/)
})

test('a page holds 100 entries at most; filters apply', async () => {
  const { clock, send, path, ids } = shop({}, { historyMs: 0 })
  for (let round = 0; round < 60; round += 1) {
    await send('POST', path(0, '/restart'))
    await send('POST', path(1, '/restart'))
    await clock.advance(3_000)
  }
  const { entries, token } = await page(send, '?next_token=1')
  expect(entries).toHaveLength(100)
  const rest = await page(send, `?next_token=${token}`)
  expect(rest.entries).toHaveLength(20)
  const mine = await page(send, `?next_token=1&instance=${ids[1]}`)
  expect(mine.entries).toHaveLength(60)
  expect(new Set(mine.entries.map(({ instance }) => instance))).toEqual(new Set([ids[1]]))
  expect((await page(send, '?next_token=1&region=syd')).entries).toEqual([])
})

test('a token that is none is refused', async () => {
  const { send } = shop()
  expect((await send('GET', '/api/v1/apps/shop/logs?next_token=yesterday')).status).toBe(422)
  expect((await send('GET', '/api/v1/apps/none/logs')).status).toBe(404)
})

test('what the platform did with a machine is told: pulls that failed, processes that ended', async () => {
  const { clock, sim, send, ids, update } = shop({}, { historyMs: 0 })
  sim.admin.crash(ids[0]!, { oom: true })
  sim.admin.addFault({ kind: 'image-pull-failure', machine: ids[1] })
  await update(1, 'registry.fly.io/shop:other')
  await clock.advance(5_000)
  const messages = (await page(send)).entries.map(({ message }) => message)
  expect(messages).toContainEqual(expect.stringContaining('out of memory'))
  expect(messages).toContainEqual('Failed to pull image registry.fly.io/shop:other')
})
