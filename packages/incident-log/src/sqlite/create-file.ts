import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { createSalts } from '../salt.ts'

/**
 * Makes a new file under another name and gives it its own when it is whole: no other process ever sees it empty, so that an
 * empty file is always a damaged one. Where another process was faster, its file stays.
 */
export function createFile(path: string, fill: (path: string) => void): void {
  const unfinished = `${path}.${createSalts(undefined)()}.new`
  try {
    fill(unfinished)
    giveName(unfinished, path)
    syncFolder(dirname(path))
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(unfinished + suffix, { force: true })
  }
}

function giveName(unfinished: string, path: string): void {
  try {
    linkSync(unfinished, path)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'EEXIST') return
    // A file system without hard links.
    if (!existsSync(path)) renameSync(unfinished, path)
  }
}

/** The name must survive a power cut as the content does. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r')
    fsyncSync(handle)
    closeSync(handle)
  } catch {
    // Not every system opens folders.
  }
}
