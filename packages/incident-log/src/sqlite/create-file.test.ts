import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFile } from './create-file.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-create-'))
  path = join(folder, 'new.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('nobody sees a new file before it is whole', () => {
  createFile(path, (unfinished) => {
    writeFileSync(unfinished, 'half')
    expect(existsSync(path)).toBe(false)
    writeFileSync(unfinished, 'whole')
  })
  expect(readFileSync(path, 'utf8')).toBe('whole')
  expect(readdirSync(folder)).toEqual(['new.db'])
})

test('where another process was faster, its file stays', () => {
  createFile(path, (unfinished) => {
    writeFileSync(unfinished, 'ours')
    writeFileSync(path, 'theirs')
  })
  expect(readFileSync(path, 'utf8')).toBe('theirs')
  expect(readdirSync(folder)).toEqual(['new.db'])
})

test('a file that cannot be filled leaves nothing behind', () => {
  const fill = (unfinished: string) => {
    writeFileSync(unfinished, 'half')
    writeFileSync(`${unfinished}-wal`, 'half')
    throw new Error('disk full')
  }
  expect(() => createFile(path, fill)).toThrow('disk full')
  expect(readdirSync(folder)).toEqual([])
})
