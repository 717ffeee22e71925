import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { arrows } from './house/plugin.ts'

const root = resolve(import.meta.dirname, '..')
const packages = globSync('packages/*/package.json', { cwd: root }).map((file) => file.split('/')[1]!)
const primitives = ['detect', 'severity', 'notify', 'rollback', 'postmortem', 'incident-log']
const isTest = (file: string) => /\.(test|test-d|bench|prove|fixture)\.ts$|\/fixtures\//.test(file)

/** The packages of ours that the source of a package names, by whatever kind of import; tests left out. */
function imported(name: string): string[] {
  const files = globSync(`packages/${name}/src/**/*.ts`, { cwd: root }).filter((file) => !isTest(file))
  const names = files.flatMap((file) =>
    [
      ...readFileSync(resolve(root, file), 'utf8').matchAll(
        /(?:from|import)\s*\(?\s*['"](@firebreak\/([a-z-]+)|firebreak)(?:\/[^'"]*)?['"]/g,
      ),
    ].map(([, whole, part]) => (whole === 'firebreak' ? 'cli' : part!)),
  )
  return [...new Set(names)].filter((other) => other !== name).sort()
}
const graph = new Map(packages.map((name) => [name, imported(name)]))

function manifest(name: string) {
  return JSON.parse(readFileSync(resolve(root, `packages/${name}/package.json`), 'utf8')) as {
    name: string
    dependencies?: Record<string, string>
    peerDependencies?: Record<string, string>
    peerDependenciesMeta?: Record<string, { optional?: boolean }>
  }
}

test('all eleven packages are there, and each has its arrows', () => {
  expect(packages.toSorted()).toEqual(Object.keys(arrows).toSorted())
  expect(packages).toHaveLength(11)
})

test('core imports no package of ours', () => {
  expect(graph.get('core')).toEqual([])
})

test('primitives import core and nothing else of ours', () => {
  for (const name of [...primitives, 'fly', 'fly-sim'])
    expect(
      graph.get(name)!.filter((other) => other !== 'core'),
      name,
    ).toEqual([])
})

test('every arrow is an allowed one', () => {
  for (const [name, others] of graph)
    for (const other of others) expect(arrows[name], `${name} → ${other}`).toContain(other)
})

test('there is no cycle', () => {
  const cycleFrom = (name: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name]
    return graph
      .get(name)
      ?.map((other) => cycleFrom(other, [...path, name]))
      .find((cycle) => cycle !== undefined)
  }
  for (const name of packages) expect(cycleFrom(name, [])).toBeUndefined()
})

test('a package depends on what it imports of ours, and on nothing of ours besides', () => {
  for (const [name, others] of graph) {
    const { dependencies = {} } = manifest(name)
    const ours = Object.keys(dependencies).filter((it) => it.startsWith('@firebreak/') || it === 'firebreak')
    expect(ours.toSorted(), name).toEqual(others.map((other) => manifest(other).name).toSorted())
  }
})

test('peers are optional, all of them', () => {
  for (const name of packages) {
    const { peerDependencies = {}, peerDependenciesMeta = {} } = manifest(name)
    for (const peer of Object.keys(peerDependencies))
      expect(peerDependenciesMeta[peer]?.optional, `${name}: ${peer}`).toBe(true)
  }
})
