import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** What the nearest `package.json` at or above a folder says of its files, as Node reads it: 'module', 'commonjs', or nothing. */
export function packageTypeOf(folder: string): string | undefined {
  let at = resolve(folder)
  for (;;) {
    const said = read(join(at, 'package.json'))
    if (said !== undefined) return typeof said.type === 'string' ? said.type : undefined
    const above = dirname(at)
    if (above === at) return undefined
    at = above
  }
}

/** One that cannot be read is there all the same: it says nothing. */
function read(file: string): { type?: unknown } | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { type?: unknown } | null) ?? {}
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : {}
  }
}
