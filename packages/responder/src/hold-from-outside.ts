import { lstatSync } from 'node:fs'

/** What says that there is no hold. Whoever sets it to anything else means stop: acting fails closed. */
const off = new Set(['', '0', 'false', 'no', 'off'])

/** What says that there is no file. Whatever else keeps us from looking may hide one: then it holds. */
const absent = new Set<unknown>(['ENOENT', 'ENOTDIR'])

/** The two ways to stop acting that need neither log nor network: `FIREBREAK_HOLD=1`, and a file that exists. */
export function holdFromOutside({ file }: { readonly file?: string | undefined } = {}): () => string | undefined {
  return () => {
    if (!off.has((process.env['FIREBREAK_HOLD'] ?? '').trim().toLowerCase())) return 'FIREBREAK_HOLD is set'
    return file === undefined ? undefined : holdOf(file)
  }
}

/** A link that leads nowhere is there too: somebody has put it there. */
function holdOf(file: string): string | undefined {
  try {
    lstatSync(file)
    return `the file ${file} exists`
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return absent.has(code) ? undefined : `the file ${file} cannot be looked at (${code ?? 'unknown'})`
  }
}
