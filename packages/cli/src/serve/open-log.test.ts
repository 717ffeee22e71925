import { expect, test } from 'vitest'
import { lineOf } from '../failure.ts'
import { folderOf, nameOfLog, openLog } from './open-log.ts'

const addresses = [
  'postgres://user:hunter2@db.example.com/firebreak',
  'postgres://user:hunter2@2@db.example.com/firebreak',
  'postgresql://db.example.com/firebreak?user=user&password=hunter2',
  'postgres://user:hunter2@[broken/firebreak',
]

test('the password of a log is not shown, wherever it stands in the address', () => {
  for (const address of addresses) expect(nameOfLog(address)).not.toMatch(/hunter2|2@/)
  expect(nameOfLog(addresses[0]!)).toBe('postgres://db.example.com/firebreak')
  expect(nameOfLog('logs/incidents.db')).toBe('logs/incidents.db')
  expect(lineOf(new Error(`cannot connect to ${addresses[0]}`))).not.toContain('hunter2')
})

test('no folder is named after the address of a server', () => {
  for (const address of addresses) expect(folderOf(address)).toBe('.')
  expect(folderOf('logs/incidents.db')).toBe('logs')
})

test('an address of something else is refused, not made a folder, and its password is not repeated', async () => {
  for (const address of [
    'mysql://user:hunter2@db.example.com/firebreak',
    'sqlite:///tmp/x.db',
    'POSTGRES://u:hunter2@db/x',
  ])
    await expect(openLog(address)).rejects.toThrow(/^(?!.*hunter2).*name a SQLite file or a postgres:\/\/ address/)
})
