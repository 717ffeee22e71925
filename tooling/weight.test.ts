import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

const core = resolve(import.meta.dirname, '../packages/core')

/** What a bundle of this code weighs with everything in it, and which files are in it. */
async function bundle(contents: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: core, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    conditions: ['@firebreak/source'],
  })
  const [output] = Object.values(metafile.outputs)
  const inputs = Object.entries(output?.inputs ?? {}).flatMap(([file, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [file] : [],
  )
  return { bytes: gzipSync(outputFiles[0]!.contents, { level: 9 }).length, inputs }
}

test('a bus alone costs at most 2.5 kB with everything, and carries nothing else', async () => {
  const { bytes, inputs } = await bundle("export { createBus } from './src/index.ts'")
  expect(bytes).toBeLessThanOrEqual(2_500)
  expect(inputs.filter((file) => !/\/eventemitter3\/|src\/bus\.ts$|^<stdin>$/.test(file))).toEqual([])
  expect(inputs.some((file) => file.endsWith('src/bus.ts'))).toBe(true)
})

test('importing without using anything costs nothing', async () => {
  expect((await bundle("import './src/index.ts'")).bytes).toBeLessThan(60)
})

test('the index of core carries neither zod nor a calendar library', async () => {
  const { inputs } = await bundle("export * from './src/index.ts'")
  expect(inputs.filter((file) => /zod|temporal/.test(file))).toEqual([])
})
