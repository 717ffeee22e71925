import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sqliteLog } from '../sqlite.ts'
import { allOf, errorOf, note, write } from '../testing/kit.ts'

const frame = 24 + 4_096
const appends = 20

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'firebreak-wal-'))
  path = join(folder, 'incidents.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The files as a killed process leaves them: the appends are in the write-ahead log, which had so many bytes after each. */
async function crash() {
  const origin = join(folder, 'origin.db')
  const log = sqliteLog({ path: origin })
  // Another beginning of the write-ahead log, over which the appends are written.
  for (let index = 0; index < appends; index += 1) await write(log, 'service/before', index, note('x'.repeat(9_000)))
  const other = new DatabaseSync(origin)
  other.exec('PRAGMA wal_checkpoint(RESTART)')
  other.close()
  const sizes: number[] = []
  for (let index = 0; index < appends; index += 1) {
    await write(log, `service/${index}`, 0, note('x'))
    sizes.push(written(readFileSync(`${origin}-wal`)))
  }
  const [database, whole] = [readFileSync(origin), readFileSync(`${origin}-wal`)]
  await log.close()
  const lay = (bytes: Buffer) => {
    writeFileSync(path, database)
    writeFileSync(`${path}-wal`, bytes)
    rmSync(`${path}-shm`, { force: true })
  }
  lay(whole)
  return { sizes, whole, lay }
}

/** How far the frames go that have the salts of the header; what lies beyond was written before a checkpoint. */
function written(bytes: Buffer): number {
  let at = 32
  while (at < bytes.length && bytes.subarray(at + 8, at + 16).equals(bytes.subarray(16, 24))) at += frame
  return at
}

function flipped(whole: Buffer, at: number): Buffer {
  const bytes = Buffer.from(whole)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x41, at)
  return bytes
}

async function open(readOnly = false) {
  let events = -1
  const error = await errorOf(async () => {
    const log = sqliteLog({ path, readOnly })
    events = (await allOf(log.readAll())).length
    await log.close()
  })
  return { events, code: error.code, message: error.message }
}

describe.each([
  ['the magic number', 1],
  ['the size of a page', 9],
  ['a salt', 17],
  ['the checksum of the header', 25],
  ['the number of the first page', 32 + 2],
  ['a salt of the first frame', 32 + 9],
  ['the checksum of the first frame', 32 + 17],
  ['the first page', 32 + 24 + 100],
])('a damaged byte in %s of the write-ahead log', (_what, at) => {
  test.each([false, true])('is told and changes nothing (read-only: %s)', async (readOnly) => {
    const { whole, lay } = await crash()
    const damaged = flipped(whole, at)
    lay(damaged)
    const { code, events, message } = await open(readOnly)
    expect([code, events]).toEqual(['LOG_CORRUPT', -1])
    expect(message).toContain(`${path}-wal is damaged`)
    expect(readFileSync(`${path}-wal`).equals(damaged)).toBe(true)
  })
})

test('no byte can be damaged before the last append without being told', async () => {
  const { sizes, whole, lay } = await crash()
  for (let at = 0; at < (sizes.at(-2) ?? 0); at += 997) {
    lay(flipped(whole, at))
    expect([at, (await open()).code]).toEqual([at, 'LOG_CORRUPT'])
  }
})

test('a block of zeros over two frames is told', async () => {
  const { whole, lay } = await crash()
  lay(Buffer.from(whole).fill(0, 32 + 3 * frame, 32 + 5 * frame))
  expect((await open()).code).toBe('LOG_CORRUPT')
})

test('what was written before a checkpoint and lies behind the last append is no damage', async () => {
  const { sizes, whole } = await crash()
  expect(whole.length).toBeGreaterThan((sizes.at(-1) ?? 0) + frame)
  expect(await open()).toEqual({ events: 2 * appends, code: undefined, message: undefined })
})

test('wherever the last append was torn, the ones before it are there', async () => {
  const { sizes, whole, lay } = await crash()
  const [before = 0, after = 0] = sizes.slice(-2)
  expect(after - before).toBeGreaterThan(frame)
  const torn: [string, Buffer][] = []
  for (let size = before; size < after; size += 509) torn.push([`cut at ${size}`, whole.subarray(0, size)])
  // After a power cut the pages of an append under way are there in any order.
  for (let at = before; at < after; at += frame)
    torn.push([`nothing at ${at}`, Buffer.from(whole).fill(0, at, at + frame)])
  for (const [what, bytes] of torn) {
    lay(bytes)
    expect([what, await open()]).toEqual([what, { events: 2 * appends - 1, code: undefined, message: undefined }])
  }
})

test('a write-ahead log whose header was never finished is an empty one', async () => {
  const { whole, lay } = await crash()
  for (const size of [0, 10, 31]) {
    lay(whole.subarray(0, size))
    expect((await open()).code).toBe(undefined)
  }
})
