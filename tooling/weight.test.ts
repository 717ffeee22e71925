import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Plugin } from 'esbuild'
import { beforeAll, expect, test } from 'vitest'

const core = resolve(import.meta.dirname, '../packages/core')

/** The index of core as it is published: one file, so that a bundler must drop statements, not files. */
let published = ''
beforeAll(async () => {
  const { outputFiles } = await build({
    entryPoints: [resolve(core, 'src/index.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    packages: 'external',
  })
  published = outputFiles[0]!.text
})

const asPublished: Plugin = {
  name: 'as-published',
  setup(bundler) {
    bundler.onResolve({ filter: /^core$/ }, () => ({ path: 'core', namespace: 'published', sideEffects: false }))
    bundler.onLoad({ filter: /.*/, namespace: 'published' }, () => ({ contents: published, resolveDir: core }))
  },
}

/** What a bundle of this code weighs with everything in it, and what it imports or contains. */
async function bundle(contents: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: core },
    plugins: [asPublished],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
  })
  const [output] = Object.values(metafile.outputs)
  const inputs = Object.entries(output?.inputs ?? {}).flatMap(([file, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [file] : [],
  )
  return { bytes: gzipSync(outputFiles[0]!.contents, { level: 9 }).length, inputs }
}

test('a bus alone costs at most 2.5 kB with everything, and carries nothing else', async () => {
  const { bytes, inputs } = await bundle("export { createBus } from 'core'")
  expect(bytes).toBeLessThanOrEqual(2_500)
  expect(inputs.filter((file) => !/\/eventemitter3\/|^published:core$|^<stdin>$/.test(file))).toEqual([])
})

test('importing without using anything costs next to nothing', async () => {
  expect((await bundle("import 'core'")).bytes).toBeLessThan(60)
})

test('the index of core carries neither zod nor a calendar library', async () => {
  const { inputs } = await bundle("export * from 'core'")
  expect(inputs.filter((file) => /zod|temporal/.test(file))).toEqual([])
})
