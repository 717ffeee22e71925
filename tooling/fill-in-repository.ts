/**
 * Before publishing: copies `repository` from the root's package.json, the one place where it is kept, into every package,
 * with its folder. The registry refuses provenance without it.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

interface Manifest {
  readonly private?: boolean
  readonly repository?: { readonly type: string; readonly url: string; readonly directory?: string }
}
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Manifest

const { repository } = read('package.json')
if (repository === undefined) {
  console.error(
    'repository is not set in package.json: add { "type": "git", "url": "git+https://…" } there (see CONTRIBUTING.md), and run this again',
  )
  process.exit(1)
}
for (const file of globSync('packages/*/package.json')) {
  const manifest = read(file)
  if (manifest.private === true) continue
  const filled = { ...manifest, repository: { ...repository, directory: dirname(file) } }
  writeFileSync(file, `${JSON.stringify(filled, null, 2)}\n`)
}
