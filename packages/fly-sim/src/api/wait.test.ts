import { expect, test } from 'vitest'
import { bad, shop } from '../fixtures/shop.ts'

test('answers at once where the machine is already', async () => {
  const { send, path, get } = shop()
  const { body } = await send('GET', path(0, '/wait'))
  const machine = await get()
  expect(body).toMatchObject({ ok: true, state: 'started', version: machine['instance_id'] })
})

test('answers when the machine gets there, and not before', async () => {
  const { clock, send, path, update } = shop()
  await update(0, bad)
  const began = clock.now()
  const { status, body } = await clock.run(send('GET', path(0, '/wait?state=started&timeout=60')))
  expect(status).toBe(200)
  expect(body.state).toBe('started')
  expect(clock.now() - began).toBe(1_900)
  expect(clock.pending).toBe(0)
})

test('takes several states, repeated or with commas, and settled', async () => {
  const { clock, send, path } = shop()
  await send('POST', path(0, '/stop'))
  for (const query of ['state=suspended&state=stopped', 'state=suspended,stopped', 'state=settled'])
    expect((await clock.run(send('GET', path(0, `/wait?${query}`)))).body.state).toBe('stopped')
})

test('gives up in time with 408 and says where the machine is', async () => {
  const { clock, send, path } = shop()
  const began = clock.now()
  const { status, body } = await clock.run(send('GET', path(0, '/wait?state=stopped&timeout=2')))
  expect(status).toBe(408)
  expect(body.error).toBe('deadline_exceeded: machine failed to reach desired state, stopped, currently started')
  expect(clock.now() - began).toBe(2_000)
})

test.each(['timeout=61', 'timeout=0', 'timeout=soon', 'timeout=-1'])('refuses %s', async (query) => {
  const { send, path } = shop()
  const { status, body } = await send('GET', path(0, `/wait?${query}`))
  expect(status).toBe(400)
  expect(body.error).toMatch(/value must be inside range \[1s, 1m0s\]/)
})

test('refuses a state that there is not', async () => {
  const { send, path } = shop()
  expect((await send('GET', path(0, '/wait?state=happy'))).status).toBe(400)
})

test('counts only events after the one that is named', async () => {
  const { clock, send, path, get } = shop()
  const event = ((await get())['events'] as { id: string }[])[0]!.id
  const wait = send('GET', path(0, `/wait?state=started&from_event_id=${event}&timeout=60`))
  await send('POST', path(0, '/restart'))
  const { body } = await clock.run(wait)
  expect(body.event_id > event).toBe(true)
})

test('lets go when the client has gone', async () => {
  const { clock, sim, ids } = shop()
  const stop = new AbortController()
  const wait = sim.fetch(`https://api.machines.dev/v1/apps/shop/machines/${ids[0]}/wait?state=stopped`, {
    headers: { authorization: 'Bearer fo1_test' },
    signal: stop.signal,
  })
  expect(clock.pending).toBe(1)
  stop.abort(new Error('gone'))
  await expect(wait).rejects.toThrow('gone')
  expect(clock.pending).toBe(0)
})
