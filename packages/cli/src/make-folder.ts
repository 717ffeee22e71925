import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Level by level: Node's own recursive way never returns where a folder cannot be made at all (below /proc). */
export function makeFolder(path: string): void {
  if (existsSync(path)) return
  const above = dirname(path)
  if (above !== path) makeFolder(above)
  mkdirSync(path)
}
