import { expect, test } from 'vitest'
import { createMailbox } from './mailbox.ts'

test('outcomes overtake claims, claims overtake signals, one task runs at a time, and a failure stops nothing', async () => {
  const mailbox = createMailbox()
  const order: string[] = []
  let running = 0
  const task = (name: string) => async () => {
    running += 1
    expect(running).toBe(1)
    await Promise.resolve()
    order.push(name)
    running -= 1
    if (name === 'signal 1') throw new Error('broken')
  }
  const results = await Promise.allSettled([
    mailbox.run('signal', task('signal 1')),
    mailbox.run('signal', task('signal 2')),
    mailbox.run('claim', task('claim 1')),
    mailbox.run('outcome', task('outcome 1')),
  ])
  expect(order).toEqual(['signal 1', 'outcome 1', 'claim 1', 'signal 2'])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
  expect(mailbox.idle).toBe(true)
})

test('who holds the turn keeps the others waiting until it is given back, and nobody gets it twice', async () => {
  const mailbox = createMailbox()
  const giveBack = mailbox.hold()
  expect([mailbox.hold(), mailbox.idle]).toEqual([undefined, false])
  const order: string[] = []
  const task = mailbox.run('outcome', async () => void order.push('task'))
  await Promise.resolve()
  order.push('given back')
  giveBack?.()
  await task
  expect(order).toEqual(['given back', 'task'])
  expect(mailbox.idle).toBe(true)
})
