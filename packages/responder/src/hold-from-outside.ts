import { existsSync } from 'node:fs'

/** What says that there is no hold. Whoever sets it to anything else means stop: acting fails closed. */
const off = new Set(['', '0', 'false', 'no', 'off'])

/** The two ways to stop acting that need neither log nor network: `FIREBREAK_HOLD=1`, and a file that exists. */
export function holdFromOutside({ file }: { readonly file?: string | undefined } = {}): () => string | undefined {
  return () => {
    if (!off.has((process.env['FIREBREAK_HOLD'] ?? '').trim().toLowerCase())) return 'FIREBREAK_HOLD is set'
    return file !== undefined && existsSync(file) ? `the file ${file} exists` : undefined
  }
}
