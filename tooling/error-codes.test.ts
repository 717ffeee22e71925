import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const isTest = (file: string) => /\.(test|test-d|bench|prove)\.ts$|\/fixtures\/|\.fixture\.ts$/.test(file)

/** Where codes are told: unions named …Code, the type argument of our error, and what its constructor is given. */
const places: readonly RegExp[] = [
  /type \w*Codes?(?:<[^>]*>)? =\s*((?:\s*\|?\s*'[A-Z0-9_]+')+)/g,
  /FirebreakError<((?:\s*\|?\s*'[A-Z0-9_]+')+)>/g,
  /(?:super|new FirebreakError)\(\s*\{\s*code:\s*([^,}]*)/g,
]

export function codesIn(source: string): string[] {
  const texts = places.flatMap((place) => [...source.matchAll(place)].map(([, text]) => text ?? ''))
  return [
    ...new Set(
      texts.flatMap((text) => [...text.matchAll(/'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*)'/g)].map(([, code]) => code!)),
    ),
  ]
}

/** Code → the packages that tell it. */
const codes = new Map<string, Set<string>>()
for (const file of globSync('packages/*/src/**/*.ts', { cwd: root }).filter((it) => !isTest(it)))
  for (const code of codesIn(read(file))) codes.set(code, (codes.get(code) ?? new Set()).add(file.split('/')[1]!))

/** What the HTTP interface answers in its own words, as `CODE 404`: a status and a code, side by side. */
export function answersIn(source: string): string[] {
  return [...source.matchAll(/status: (\d{3}),\s*code: '([A-Z0-9_]+)'/g)].map(([, status, code]) => `${code} ${status}`)
}

const answers = new Set(
  globSync('packages/{responder/src/http,cli/src/serve}/**/*.ts', { cwd: root })
    .filter((it) => !isTest(it))
    .flatMap((file) => answersIn(read(file))),
)

const answered = new Set([...answers].map((answer) => answer.split(' ')[0]!))

/** The codes that a page explains: a row or a line that begins with the code and says something after it. */
function explained(page: string): Set<string> {
  if (!existsSync(join(root, page))) return new Set()
  return new Set([...read(page).matchAll(/^[|\-*# ]*`([A-Z][A-Z0-9_]+)`(?=.{20})/gm)].map(([, code]) => code!))
}
const index = explained('docs/errors.md')

test('the search finds codes where they are told', () => {
  expect(codesIn("export type ProbeCode =\n  | 'A_B'\n  | 'C'\nconst x = 'NOT_THIS'")).toEqual(['A_B', 'C'])
  expect(codesIn("class X extends FirebreakError<'LOST' | 'GONE'> {\n super({ code: 'LOST', message })")).toEqual([
    'LOST',
    'GONE',
  ])
  expect(codesIn("throw new FirebreakError({ code: 'OTHER', message: '' })")).toEqual(['OTHER'])
  expect(codes.size).toBeGreaterThan(30)
})

test('every error code has a line in docs/errors.md that says what to do', () => {
  expect([...codes.keys()].filter((code) => !index.has(code)).sort()).toEqual([])
})

test('every answer of the HTTP interface has a row with its status in docs/errors.md, and every row its answer', () => {
  expect(
    answersIn("new HttpProblem({\n  status: 401,\n  code: 'A_B',\n})\nconst it = { status: 400, code: 'C' }"),
  ).toEqual(['A_B 401', 'C 400'])
  const section = /^## The HTTP interface.*?(?=^## |$(?![^]))/ms.exec(read('docs/errors.md'))?.[0] ?? ''
  const rows = [...section.matchAll(/^\| `([A-Z0-9_]+)` +\| (\d{3}) +\| .{20}/gm)].map(
    ([, code, status]) => `${code} ${status}`,
  )
  expect(rows.toSorted()).toEqual([...answers].toSorted())
})

test('docs/errors.md explains no code that nobody tells', () => {
  expect([...index].filter((code) => !codes.has(code) && !answered.has(code)).sort()).toEqual([])
})

test('codes are screaming snakes', () => {
  for (const code of codes.keys()) expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/)
})
