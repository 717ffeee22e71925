import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import type { DrillReport } from './report.ts'
import { images } from './story.ts'

const root = mkdtempSync(join(tmpdir(), 'firebreak-drill-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function drill(name: string, ...words: string[]): Promise<DrillReport> {
  const main = resolve(import.meta.dirname, '../main.ts')
  const all = ['--conditions=@firebreak/source', main, 'drill', '--json', '--out', join(root, name), ...words]
  // A failed drill exits with 1, and that rejects here.
  const { stdout } = await promisify(execFile)(process.execPath, all, { timeout: 90_000, maxBuffer: 16 * 1024 * 1024 })
  return JSON.parse(stdout) as DrillReport
}

const story = ({ timeline }: DrillReport) =>
  timeline.map(({ type }) => type).filter((type) => /^(?:incident|page|rollback|unit)\./.test(type))

test(
  'a bad release is P0, paged, rolled back everywhere, verified; twice with one seed is one story',
  { timeout: 300_000 },
  async () => {
    const first = await drill('first', '--seed', '11')
    expect(first.incident).toMatchObject({ severity: 'P0', status: 'resolved' })
    expect(first.pages.length).toBeGreaterThanOrEqual(3)
    expect(first.rollback?.to.image).toBe(images.good.ref)
    expect([1, 2]).toContain(first.rollback?.to.version)
    expect(first.rollback?.units.map(({ image }) => image)).toEqual([images.good.ref, images.good.ref, images.good.ref])
    expect(first.rollback?.verified).toBe(true)
    expect(first.files.feedback).toHaveLength(2)
    for (const file of [first.files.markdown, first.files.html]) expect(existsSync(file ?? '')).toBe(true)
    const second = await drill('second', '--seed', '11')
    expect(story(second)).toEqual(story(first))
  },
)

test('with a good v3 there is no incident, no page, no rollback', { timeout: 120_000 }, async () => {
  const { incident, pages, rollback } = await drill('healthy', '--scenario', 'healthy')
  expect([incident, pages, rollback]).toEqual([null, [], null])
})
