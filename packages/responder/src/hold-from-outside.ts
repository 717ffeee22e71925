import { existsSync } from 'node:fs'

/** The two ways to stop acting that need neither log nor network: `FIREBREAK_HOLD=1`, and a file that exists. */
export function holdFromOutside({ file }: { readonly file?: string | undefined } = {}): () => string | undefined {
  return () => {
    if (process.env['FIREBREAK_HOLD'] === '1') return 'FIREBREAK_HOLD=1 is set'
    return file !== undefined && existsSync(file) ? `the file ${file} exists` : undefined
  }
}
