import { createHash } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import type { EvidenceVault } from './investigate.ts'

/** Raw evidence in a local file that only its owner reads: it may hold customers' data. */
export function evidenceFiles(directory: string): EvidenceVault {
  return {
    async save(incident, items) {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const path = join(directory, `${incident.code}-evidence.jsonl`)
      const digests = items.map(({ raw = '' }) => createHash('sha256').update(raw).digest('hex'))
      const lines = items.map((item, index) => JSON.stringify({ ...item, digest: digests[index] }))
      const file = await open(path, 'a', 0o600)
      try {
        await file.appendFile(`${lines.join('\n')}\n`)
        await file.sync()
      } finally {
        await file.close()
      }
      return { file: path, digests }
    },
  }
}
