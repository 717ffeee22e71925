import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')

interface Fence {
  readonly file: string | undefined
  readonly code: string
  readonly line: number
}

/** Fences of TypeScript, with the file that they say they are: ```ts examples/deploy-script/src/deploy-script.ts */
export function fencesOf(markdown: string): Fence[] {
  return [...markdown.matchAll(/^```(?:ts|typescript)\b[ \t]*([^\n]*)\n([\s\S]*?)^```[ \t]*$/gm)].map((match) => {
    const file = /[\w./-]+\.ts/.exec(match[1] ?? '')?.[0]
    return { file, code: match[2] ?? '', line: markdown.slice(0, match.index).split('\n').length }
  })
}

/** How long users' code may be, in lines: it may only get shorter. */
const ceilings: Record<string, number> = {
  'examples/deploy-script/src/deploy-script.ts': 20,
  'examples/embedding/src/embedding.ts': 25,
  'examples/custom-notifier/src/matrix-notifier.ts': 15,
  'examples/custom-notifier/src/matrix-notifier.test.ts': 5,
  'examples/own-responder/src/own-responder.ts': 40,
  'examples/own-durable-responder/src/own-durable-responder.ts': 50,
}

test('fences are found with their files', () => {
  const sample = 'text\n```ts examples/a/src/a.ts\nconst a = 1\n```\n\n```sh\nls\n```\n\n```ts\nconst b = 2\n```\n'
  expect(fencesOf(sample)).toEqual([
    { file: 'examples/a/src/a.ts', code: 'const a = 1\n', line: 2 },
    { file: undefined, code: 'const b = 2\n', line: 10 },
  ])
})

for (const { file, code, line } of fencesOf(read('README.md'))) {
  test(`the fence in line ${line} of the README is the file ${file ?? '(none)'}`, () => {
    expect(file, 'say which file it is: ```ts examples/…').toBeDefined()
    expect(existsSync(join(root, file!)), file).toBe(true)
    expect(code).toBe(read(file!))
  })
}

test('what the README shows is as short as it was meant to be', () => {
  for (const [file, ceiling] of Object.entries(ceilings).filter(([name]) => existsSync(join(root, name)))) {
    const lines = read(file)
      .trimEnd()
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.trim().startsWith('//'))
    expect(lines.length, file).toBeLessThanOrEqual(ceiling)
  }
})

const packages = globSync('packages/*/package.json', { cwd: root }).map(dirname)

test('every package has a page for the registry: its name, how to install it, and an example', () => {
  for (const folder of packages) {
    const { name } = JSON.parse(read(join(folder, 'package.json'))) as { name: string }
    const page = read(join(folder, 'README.md'))
    expect(page.startsWith(`# ${name}\n`), folder).toBe(true)
    expect(page).toMatch(new RegExp(`^(npm install|npx) .*${name}\\b`, 'm'))
    expect(fencesOf(page)).toHaveLength(1)
  }
})

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

/** Every entry of every package, and the file that it is here. */
function sources(): Record<string, readonly string[]> {
  const entries = packages.flatMap((folder) => {
    const { name, exports } = JSON.parse(read(join(folder, 'package.json'))) as Manifest
    return Object.entries(exports).flatMap(([path, entry]) =>
      typeof entry === 'string' ? [] : [[join(name, path), [join(root, folder, entry['@firebreak/source']!)]] as const],
    )
  })
  return Object.fromEntries(entries)
}

test('the examples of the packages compile', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'firebreak-readme-'))
  try {
    for (const folder of packages)
      for (const { code } of fencesOf(read(join(folder, 'README.md'))))
        writeFileSync(join(scratch, `${basename(folder)}.ts`), `${code}\nexport {}\n`)
    const typeRoots = [join(root, 'node_modules/@types')]
    const compilerOptions = { noEmit: true, paths: sources(), typeRoots, customConditions: ['@firebreak/source'] }
    const config = { extends: join(root, 'tsconfig.base.json'), compilerOptions, include: ['*.ts'] }
    writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify(config))
    writeFileSync(join(scratch, 'package.json'), '{ "type": "module" }')
    const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', scratch], { encoding: 'utf8' })
    expect(stdout).toBe('')
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}, 60_000)

test('links between our pages lead somewhere', () => {
  const pages = [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...globSync(['docs/**/*.md', 'packages/*/README.md'], { cwd: root }),
  ].filter((page) => existsSync(join(root, page)))
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
      .map(([, target]) => target!)
      .filter((target) => !existsSync(resolve(root, page, '..', target)))
      .map((target) => `${page}: ${target}`),
  )
  expect(broken).toEqual([])
})

test('nothing names the workplace', () => {
  const files = globSync(
    [
      '*.md',
      'docs/**/*.md',
      'packages/*/README.md',
      'packages/*/src/**/*.ts',
      'tooling/**/*.ts',
      'examples/*/src/**/*.ts',
      '.github/**/*',
      '.ci/*',
    ],
    { cwd: root },
  )
  const pattern = new RegExp(['/wo', 'rk/'].join(''))
  expect(files.filter((file) => /\.[a-z]+$|\/run$/.test(file) && pattern.test(read(file)))).toEqual([])
})
