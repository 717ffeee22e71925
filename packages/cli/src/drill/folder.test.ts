import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { prepareFolder } from './folder.ts'

test('files of an earlier drill are replaced; whatever else is there stays', () => {
  const root = mkdtempSync(join(tmpdir(), 'firebreak-folder-'))
  try {
    for (const name of ['incidents.db', 'incidents.db-wal', '7K42.html', '7K42.md', 'NOTES.md', 'report.html'])
      writeFileSync(join(root, name), '')
    mkdirSync(join(root, 'feedback'))
    mkdirSync(join(root, 'mine'))
    prepareFolder(root)
    expect(readdirSync(root).toSorted()).toEqual(['NOTES.md', 'mine', 'report.html'])
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
