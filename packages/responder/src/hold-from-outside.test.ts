import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { holdFromOutside } from './hold-from-outside.ts'

const folder = mkdtempSync(join(tmpdir(), 'hold-'))
afterEach(() => vi.unstubAllEnvs())
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('whatever FIREBREAK_HOLD is set to stops acting, but what plainly says no', () => {
  const held = holdFromOutside()
  expect(held()).toBeUndefined()
  for (const value of ['1', 'true', 'TRUE', 'yes', 'on', 'please']) {
    vi.stubEnv('FIREBREAK_HOLD', value)
    expect([value, held()]).toEqual([value, 'FIREBREAK_HOLD is set'])
  }
  for (const value of ['', '0', 'false', 'no', 'off', ' 0 ']) {
    vi.stubEnv('FIREBREAK_HOLD', value)
    expect([value, held()]).toEqual([value, undefined])
  }
})

test('a file stops acting while it exists', () => {
  const file = join(folder, 'hold')
  const held = holdFromOutside({ file })
  expect(held()).toBeUndefined()
  writeFileSync(file, '')
  expect(held()).toBe(`the file ${file} exists`)
  rmSync(file)
  expect(held()).toBeUndefined()
})

test('a file that cannot be looked at stops acting, and so does a link that leads nowhere', () => {
  const [dangling, circle, plain] = [join(folder, 'dangling'), join(folder, 'circle'), join(folder, 'plain')]
  symlinkSync(join(folder, 'nowhere'), dangling)
  expect(holdFromOutside({ file: dangling })()).toBe(`the file ${dangling} exists`)
  symlinkSync(circle, circle)
  const behind = join(circle, 'hold')
  expect(holdFromOutside({ file: behind })()).toBe(`the file ${behind} cannot be looked at (ELOOP)`)
  writeFileSync(plain, '')
  expect(holdFromOutside({ file: join(plain, 'hold') })()).toBeUndefined()
})
