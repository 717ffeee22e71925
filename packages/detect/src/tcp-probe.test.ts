import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { createTestClock } from '@firebreak/core/testing'
import { afterEach, expect, test } from 'vitest'
import { tcpProbe } from './tcp-probe.ts'

const open: Server[] = []
const closing: (() => unknown)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
  for (const server of open.splice(0)) server.close()
})
async function listen(): Promise<{ port: number; server: Server }> {
  const server = createServer((socket) => socket.on('error', () => undefined).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(server)
  return { port: (server.address() as AddressInfo).port, server }
}
const signal = new AbortController().signal
const base = { service: 'shop', host: '127.0.0.1', confirm: 1 }

test('a port that accepts is well', async () => {
  const { port } = await listen()
  expect(await tcpProbe({ ...base, port }).observe({ signal })).toMatchObject([
    { key: `tcp/127.0.0.1:${port}`, source: 'tcp', status: 'resolved', measured: true },
  ])
})

test('a port that refuses is the service being down, with what its owner says it means', async () => {
  const { port, server } = await listen()
  await new Promise((resolve) => server.close(resolve))
  const means = { kind: 'dependency', name: 'postgres', role: 'database' } as const
  expect(await tcpProbe({ ...base, port, means }).observe({ signal })).toMatchObject([
    { status: 'firing', symptoms: [means], summary: expect.stringContaining('refuses connections') },
  ])
})

/** A port whose queue is full: its owner listens and never accepts. The kernel then lets connections hang. */
async function hangingPort(): Promise<number> {
  const source = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
    require('node:fs').writeSync(1, String(this.address().port) + ' ')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  })`
  const owner = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  closing.push(() => owner.kill('SIGKILL'))
  const [said] = (await once(owner.stdout, 'data')) as [Buffer]
  const port = Number(said.toString())
  const fillers = Array.from({ length: 8 }, () => connect({ port, host: '127.0.0.1' }).on('error', () => undefined))
  closing.push(() => fillers.forEach((filler) => filler.destroy()))
  await Promise.all(fillers.slice(0, 2).map((filler) => once(filler, 'connect')))
  return port
}

test('a port that never answers is given up on the clock, without a timer or a socket left', async () => {
  const clock = createTestClock()
  const port = await hangingPort()
  const observing = tcpProbe({ ...base, port, timeoutMs: 1_000, clock }).observe({ signal })
  await clock.advance(1_000)
  expect(await observing).toMatchObject([{ status: 'firing', summary: expect.stringContaining('within 1000 ms') }])
  expect(clock.pending).toBe(0)
})

test("an abort rejects with the caller's reason", async () => {
  const controller = new AbortController()
  controller.abort(new Error('enough'))
  await expect(tcpProbe({ ...base, port: 9 }).observe({ signal: controller.signal })).rejects.toThrow('enough')
})

test.each([
  [{ host: '', port: 80 }, 'host'],
  [{ host: 'x', port: 0 }, 'port'],
  [{ host: 'x', port: 70_000 }, 'port'],
])('refuses %o', (options, field) => {
  expect(() => tcpProbe({ service: 'shop', ...options })).toThrow(expect.objectContaining({ field }))
})
