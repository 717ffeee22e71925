import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const folders = globSync('packages/*', { cwd: root }).filter((folder) => existsSync(join(root, folder, 'package.json')))
const isTest = (file: string) => /\.(test|test-d|bench|prove)\.ts$|\/fixtures\/|\.fixture\.ts$/.test(file)
const sources = globSync('packages/*/src/**/*.ts', { cwd: root }).filter((file) => !isTest(file))

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly type: string
  readonly sideEffects: boolean
  readonly files: readonly string[]
  readonly engines: { readonly node: string }
  readonly exports: Record<string, string | Record<string, string>>
  readonly bin?: Record<string, string>
  readonly scripts?: Record<string, string>
  readonly repository?: unknown
  readonly publishConfig?: Record<string, unknown>
}
const manifests = folders.map((folder) => ({
  folder,
  manifest: JSON.parse(read(`${folder}/package.json`)) as Manifest,
}))

describe('what is left open', () => {
  test('nothing is left for later in the source', () => {
    const open = globSync('packages/*/src/**/*', { cwd: root })
      .filter((file) => /\.[a-z]+$/.test(file))
      .flatMap((file) => [...read(file).matchAll(/TODO|FIXME|not implemented/g)].map(([word]) => `${file}: ${word}`))
    expect(open).toEqual([])
  })

  test('no source file is longer than 400 lines, and the median is below about 80', () => {
    const lengths = sources.map((file) => ({ file, lines: read(file).split('\n').length - 1 }))
    expect(lengths.filter(({ lines }) => lines > 400)).toEqual([])
    const sorted = lengths.map(({ lines }) => lines).sort((left, right) => left - right)
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(85)
  })
})

describe('package.json', () => {
  test('every export has a source file, in three conditions that agree', () => {
    for (const { folder, manifest } of manifests) {
      const { './package.json': itself, ...entries } = manifest.exports
      expect(itself, folder).toBe('./package.json')
      for (const [path, target] of Object.entries(entries as Record<string, Record<string, string>>)) {
        expect(Object.keys(target), `${folder} ${path}`).toEqual(['@firebreak/source', 'types', 'default'])
        const source = target['@firebreak/source']!
        expect(existsSync(join(root, folder, source)), `${folder} ${path}: ${source}`).toBe(true)
        const built = source.replace('./src/', './dist/').replace(/\.ts$/, '')
        expect(target['default']).toBe(`${built}.js`)
        expect(target['types']).toBe(`${built}.d.ts`)
      }
      for (const command of Object.values(manifest.bin ?? {})) {
        const source = command.replace('./dist/', 'src/').replace(/\.js$/, '.ts')
        expect(read(join(folder, source)), command).toMatch(/^#!\/usr\/bin\/env node\n/)
      }
    }
  })

  test('all share one version, one licence, one floor, and install without a script', () => {
    const [first] = manifests
    for (const { folder, manifest } of manifests) {
      expect(manifest.version, folder).toBe(first!.manifest.version)
      expect(manifest, folder).toMatchObject({
        license: 'MIT',
        type: 'module',
        sideEffects: false,
        engines: { node: '>=22.18' },
      })
      expect(manifest.publishConfig, folder).toEqual({ access: 'public' })
      expect(manifest.repository, folder).toBeUndefined()
      for (const hook of ['preinstall', 'install', 'postinstall', 'prepare'])
        expect(manifest.scripts, folder).not.toHaveProperty(hook)
      expect(manifest.files, folder).toEqual(expect.arrayContaining(['dist', 'src', '!src/**/*.test.ts']))
    }
  })

  test('every package has its page', () => {
    for (const folder of folders)
      expect(existsSync(join(root, 'docs', `${folder.split('/')[1]}.md`)), `docs/${folder.split('/')[1]}.md`).toBe(true)
  })
})
