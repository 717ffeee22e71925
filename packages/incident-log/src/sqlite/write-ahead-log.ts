import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs'
import { endianness } from 'node:os'
import { IncidentLogError } from '../log-error.ts'

/** Sizes and places of "The WAL file format" in SQLite's documentation of its files. */
const headerBytes = 32
const frameHeaderBytes = 24
/** The lowest bit says in which order of bytes checksums are computed. */
const magic = 0x377f0682
const hostIsBig = endianness() === 'BE'

/**
 * SQLite stops reading a write-ahead log at the first frame that does not fit, without a word: right where a crash tore the
 * append under way, and a loss of everything after it where the disk damaged what was recorded. Called before the file is
 * opened, for SQLite deletes the log when it closes. Throws `LOG_CORRUPT` for damage only.
 */
export function checkWriteAheadLog(path: string): void {
  const first = findDamage(path)
  if (first === undefined) return
  // While another process writes, a frame may have been read before it was written, and later ones after.
  const again = findDamage(path)
  if (again?.where !== first.where || again.salts !== first.salts) return
  throw new IncidentLogError(
    'LOG_CORRUPT',
    `${path}: its write-ahead log ${path}-wal is damaged at ${again.where}, and what was recorded after it would be lost without a word: ` +
      'copy both files, then restore a backup, or open the copy with sqlite3 to get what came before the damage',
  )
}

interface Damage {
  readonly where: string
  /** Of the generation of frames that was looked at. */
  readonly salts: string
}

/** As it is stored: two words of four bytes, each the high one first. */
interface Checksum {
  readonly first: number
  readonly second: number
}

function findDamage(path: string): Damage | undefined {
  let handle: number
  try {
    handle = openSync(`${realpathSync(path)}-wal`, 'r')
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return examine(handle)
  } finally {
    closeSync(handle)
  }
}

function examine(handle: number): Damage | undefined {
  const header = Buffer.alloc(headerBytes)
  const { size } = fstatSync(handle)
  if (!fill(handle, header, 0)) return undefined
  const salts = header.toString('hex', 16, 24)
  const pageBytes = header.readUInt32BE(8)
  const big = (header.readUInt32BE(0) & 1) === 1
  const sum = add({ first: 0, second: 0 }, header.subarray(0, 24), big)
  const sound =
    (header.readUInt32BE(0) & ~1) >>> 0 === magic &&
    pageBytes >= 512 &&
    pageBytes <= 65_536 &&
    (pageBytes & (pageBytes - 1)) === 0 &&
    isSame(sum, stored(header, 24))
  // The header is on the disk before the first frame is written.
  const where = sound
    ? frameOfDamage(
        handle,
        { count: Math.floor((size - headerBytes) / (pageBytes + frameHeaderBytes)), pageBytes, big, salts },
        sum,
      )
    : size > headerBytes
      ? 'its header'
      : undefined
  if (where === undefined) return undefined
  // Begun anew meanwhile: another process writes, and what was seen is a mixture.
  const later = Buffer.alloc(headerBytes)
  return fill(handle, later, 0) && later.equals(header) ? { where, salts } : undefined
}

interface Frames {
  readonly count: number
  readonly pageBytes: number
  readonly big: boolean
  readonly salts: string
}

function frameOfDamage(handle: number, frames: Frames, begin: Checksum): string | undefined {
  const { count, pageBytes, big, salts } = frames
  const frame = Buffer.alloc(frameHeaderBytes + pageBytes)
  const read = (index: number, into = frame) => fill(handle, into, headerBytes + index * frame.length)
  const sumOf = (before: Checksum) => add(add(before, frame.subarray(0, 8), big), frame.subarray(frameHeaderBytes), big)
  const isOurs = (bytes: Buffer) => bytes.toString('hex', 8, 16) === salts

  let sum = begin
  let bad = 0
  for (; bad < count && read(bad); bad += 1) {
    const next = sumOf(sum)
    const fits = isSame(next, stored(frame, 16))
    // Frames of before a checkpoint have other salts, and never a sum that goes on from ours.
    if (fits && !isOurs(frame)) return `frame ${bad + 1}`
    if (!fits && !isOurs(frame)) break
    sum = next
    if (!fits) break
  }

  // What nobody was told to be recorded may lie there in any order. But a frame that goes on from a commit was written
  // after that commit was on the disk, and all before it with it.
  const head = Buffer.alloc(frameHeaderBytes)
  for (let index = bad; index + 1 < count && read(index, head); index += 1) {
    const isCommit = head.readUInt32BE(4) !== 0
    if (!isCommit || !isOurs(head) || !read(index + 1) || !isOurs(frame)) continue
    const next = stored(frame, 16)
    const goesOn = isSame(sumOf(stored(head, 16)), next) || (index === bad && isSame(sumOf(sum), next))
    if (goesOn) return `frame ${bad + 1}`
  }
  return undefined
}

function fill(handle: number, into: Buffer, position: number): boolean {
  return readSync(handle, into, 0, into.length, position) === into.length
}

function stored(bytes: Buffer, at: number): Checksum {
  return { first: bytes.readUInt32BE(at), second: bytes.readUInt32BE(at + 4) }
}

function isSame(one: Checksum, other: Checksum): boolean {
  return one.first === other.first && one.second === other.second
}

/** SQLite's running checksum over words of four bytes. */
function add({ first, second }: Checksum, bytes: Buffer, big: boolean): Checksum {
  const ordered = big === hostIsBig ? bytes : Buffer.from(bytes).swap32()
  const words = new Int32Array(ordered.buffer, ordered.byteOffset, ordered.length / 4)
  let [one, two] = [first | 0, second | 0]
  for (let at = 0; at < words.length; at += 2) {
    one = (one + (words[at] ?? 0) + two) | 0
    two = (two + (words[at + 1] ?? 0) + one) | 0
  }
  return { first: one >>> 0, second: two >>> 0 }
}
