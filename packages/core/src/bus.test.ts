import { expect, test } from 'vitest'
import { createBus } from './index.ts'

const note = { service: 'shop', by: 'mia', text: 'looking' }

test('a throwing listener never stops the others and is told as listener.failed', () => {
  const bus = createBus()
  const seen: string[] = []
  bus.on('listener.failed', ({ event }) => seen.push(event))
  bus.on('note.added', () => {
    throw new Error('broken')
  })
  using _listener = bus.on('note.added', ({ by }) => seen.push(by))
  bus.emit('note.added', note)
  expect(seen).toEqual(['note.added', 'mia'])
})

test('a rejecting listener is told as listener.failed, and idle waits for it', async () => {
  const bus = createBus()
  const seen: string[] = []
  bus.on('listener.failed', ({ event }) => seen.push(event))
  bus.on('note.added', async () => {
    await Promise.resolve()
    throw new Error('broken')
  })
  bus.emit('note.added', note)
  await bus.idle()
  expect(seen).toEqual(['note.added'])
})

test('a failing listener of listener.failed does not call itself', () => {
  const bus = createBus()
  let calls = 0
  bus.on('listener.failed', () => {
    calls += 1
    throw new Error('broken again')
  })
  bus.on('note.added', () => {
    throw new Error('broken')
  })
  bus.emit('note.added', note)
  expect(calls).toBe(1)
})

test('idle settles only when the listeners that listeners caused have settled', async () => {
  const bus = createBus<{ 'own.done': [who: string] }>()
  const seen: string[] = []
  bus.on('own.done', async (who) => {
    await Promise.resolve()
    seen.push(who)
  })
  bus.on('note.added', async ({ by }) => {
    await Promise.resolve()
    bus.emit('own.done', by)
  })
  bus.emit('note.added', note)
  await bus.idle()
  expect(seen).toEqual(['mia'])
})

test('once gives the next payload, and rejects with the reason of its signal', async () => {
  const bus = createBus()
  const next = bus.once('note.added')
  bus.emit('note.added', note)
  bus.emit('note.added', { ...note, by: 'second' })
  expect((await next)[0].by).toBe('mia')

  const controller = new AbortController()
  const never = bus.once('note.added', { signal: controller.signal })
  controller.abort(new Error('enough'))
  await expect(never).rejects.toThrow('enough')
})

test('a disposed listener hears nothing more', () => {
  const bus = createBus()
  let calls = 0
  const off = bus.on('note.added', () => (calls += 1))
  off()
  off()
  bus.emit('note.added', note)
  expect(calls).toBe(0)
})
