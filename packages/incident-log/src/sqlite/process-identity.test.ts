import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { hasEnded, ownIdentity, type ProcessIdentity } from './process-identity.ts'

const own: ProcessIdentity = { machine: 'a', boot: 'b1', namespace: 'pid:[1]', pid: 1, started: '100' }
const running = (started: string) => ({ exists: () => true, startOf: () => started })
const absent = { exists: () => false, startOf: () => undefined }

test('a process that is not there has ended', () => {
  expect(hasEnded({ ...own, pid: 2 }, own, absent)).toBe(true)
})

test('a process with the same id and start is alive, one with another start took over the id', () => {
  expect(hasEnded({ ...own, pid: 2, started: '200' }, own, running('200'))).toBe(false)
  expect(hasEnded({ ...own, pid: 2, started: '200' }, own, running('300'))).toBe(true)
})

test('after a reboot of the same machine nobody from before is alive', () => {
  expect(hasEnded({ ...own, boot: 'b0' }, own, running('100'))).toBe(true)
})

test('where anything is in doubt, nobody is said to have ended', () => {
  const doubtful: readonly (readonly [string, Partial<ProcessIdentity>, Partial<ProcessIdentity>])[] = [
    ['another machine', { machine: 'z', boot: 'b9' }, {}],
    ['another container', { namespace: 'pid:[2]' }, {}],
    ['a container that was made again', { machine: 'z', namespace: 'pid:[2]' }, {}],
    ['another machine that tells no boot', { machine: 'z', boot: '' }, { boot: '' }],
  ]
  for (const [what, other, mine] of doubtful)
    expect(hasEnded({ ...own, pid: 2, ...other }, { ...own, ...mine }, absent), what).toBe(false)
  const silent = { exists: () => true, startOf: () => undefined }
  expect(hasEnded({ ...own, pid: 2, started: '' }, { ...own, started: '' }, silent)).toBe(false)
})

test('it sees a real process come and go', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
  await once(child, 'spawn')
  const mine = ownIdentity()
  const other = { ...mine, pid: child.pid ?? 0, started: '' }
  expect(hasEnded(other, mine)).toBe(false)
  expect(hasEnded(mine, mine)).toBe(false)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(hasEnded(other, mine)).toBe(true)
})
