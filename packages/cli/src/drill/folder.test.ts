import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkFolder, clearFolder } from './folder.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'firebreak-folder-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function leave(...names: readonly string[]) {
  for (const name of names) writeFileSync(join(root, name), '')
}

test('files of an earlier drill are replaced; whatever else is there stays', () => {
  leave('NOTES.md', 'report.html')
  clearFolder(checkFolder(root))
  leave('incidents.db', 'incidents.db-wal', '7K42.html', '7K42.md')
  mkdirSync(join(root, 'feedback'))
  mkdirSync(join(root, 'mine'))
  clearFolder(checkFolder(root))
  expect(readdirSync(root).toSorted()).toEqual(['.firebreak-drill', 'NOTES.md', 'mine', 'report.html'])
})

test("a real responder's log and feedback files are never taken away", () => {
  leave('incidents.db')
  mkdirSync(join(root, 'feedback'))
  expect(() => checkFolder(root)).toThrow(/--out .* holds (?:feedback|incidents\.db), which no drill/)
  expect(readdirSync(root).toSorted()).toEqual(['feedback', 'incidents.db'])
})

test('checking a folder leaves it as it was', () => {
  leave('NOTES.md')
  checkFolder(root)
  expect(readdirSync(root)).toEqual(['NOTES.md'])
})
