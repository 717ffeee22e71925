import { describe, expect, test } from 'vitest'
import { bad, shop } from '../fixtures/shop.ts'

const nonce = (value: string) => ({ 'fly-machine-lease-nonce': value })

describe('a lease', () => {
  test('is taken, with its owner, its end and the version it is about', async () => {
    const { clock, send, path, get } = shop()
    const { status, body } = await send('POST', path(0, '/lease?ttl=13'))
    expect(status).toBe(201)
    expect(body.status).toBe('success')
    expect(body.data).toMatchObject({
      owner: 'you@example.com',
      description: '',
      expires_at: clock.now() / 1_000 + 13,
      version: (await get())['instance_id'],
    })
    expect((await send('GET', path(0, '/lease'))).body.data.nonce).toBe(body.data.nonce)
  })

  test('is refused to others, naming who holds it until when', async () => {
    const { send, path, ids } = shop()
    await send('POST', path(0, '/lease'), { ttl: 30, description: 'mine' })
    const { status, body } = await send('POST', path(0, '/lease?ttl=13'))
    expect(status).toBe(409)
    expect(body.error).toBe(
      `aborted: machine ID ${ids[0]} lease currently held by you@example.com, expires at 2026-11-23T02:00:30Z`,
    )
  })

  test('is refreshed under the same nonce', async () => {
    const { clock, send, path } = shop()
    const { data } = (await send('POST', path(0, '/lease?ttl=13'))).body
    await clock.advance(10_000)
    const refreshed = (await send('POST', path(0, '/lease?ttl=13'), undefined, nonce(data.nonce))).body.data
    expect(refreshed.nonce).toBe(data.nonce)
    await clock.advance(10_000)
    expect((await send('GET', path(0, '/lease'))).status).toBe(200)
    await clock.advance(3_000)
    expect((await send('GET', path(0, '/lease'))).body.error).toBe('lease not found')
  })

  test('is released by its holder only', async () => {
    const { send, path } = shop()
    const { data } = (await send('POST', path(0, '/lease?ttl=13'))).body
    expect((await send('DELETE', path(0, '/lease'))).status).toBe(400)
    expect((await send('DELETE', path(0, '/lease'), undefined, nonce('wrong'))).status).toBe(400)
    expect((await send('DELETE', path(0, '/lease'), undefined, nonce(data.nonce))).body).toEqual({
      status: 'success',
      data: { ok: true },
    })
    expect((await send('DELETE', path(0, '/lease'), undefined, nonce(data.nonce))).status).toBe(404)
  })

  test('that ran out cannot be refreshed', async () => {
    const { clock, send, path } = shop()
    const { data } = (await send('POST', path(0, '/lease?ttl=5'))).body
    await clock.advance(5_000)
    expect((await send('POST', path(0, '/lease?ttl=5'), undefined, nonce(data.nonce))).status).toBe(404)
  })

  test.each(['0', '-1', 'NaN', 'x'])('is not given for %s seconds', async (ttl) => {
    const { send, path } = shop()
    expect((await send('POST', path(0, `/lease?ttl=${ttl}`))).status).toBe(400)
  })
})

describe('while somebody holds a machine', () => {
  test.each(['/start', '/stop', '/suspend', '/restart', '/cordon', '/uncordon'])('%s needs his nonce', async (rest) => {
    const { sim, send, path, ids } = shop()
    const held = sim.admin.holdLease(ids[0]!)
    expect((await send('POST', path(0, rest))).status).toBe(409)
    expect((await send('POST', path(0, rest), undefined, nonce(held))).status).toBe(200)
  })

  test('updates and deletions need it too; reading, waiting, signals and metadata do not', async () => {
    const { sim, send, path, ids, update } = shop()
    const held = sim.admin.holdLease(ids[0]!)
    expect((await update(0, bad)).status).toBe(409)
    expect((await send('DELETE', path(0, '?kill=true'))).status).toBe(409)
    expect((await send('GET', path(0))).status).toBe(200)
    expect((await send('GET', path(0, '/wait'))).status).toBe(200)
    expect((await send('POST', path(0, '/signal'), { signal: 'SIGHUP' })).status).toBe(200)
    expect((await send('POST', path(0, '/metadata/a'), { value: 'b' })).status).toBe(204)
    expect((await update(0, bad, {}, nonce(held))).status).toBe(200)
  })
})
