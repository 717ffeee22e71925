import type { FileHandle } from 'node:fs/promises'

/** What stands in a feedback file, read as far as it has grown: a file of thousands of entries is not read for each of them. */
export interface FileMarks {
  /** Reads on; whether the file ends in the middle of a line. */
  readOn(file: FileHandle): Promise<{ torn: boolean }>
  has(mark: string): boolean
}

const pieceBytes = 65_536

export function createFileMarks(pattern: RegExp): FileMarks {
  const marks = new Set<string>()
  let inode: number | undefined
  /** Up to here whole lines have been read. */
  let offset = 0

  return {
    async readOn(file) {
      const { ino, size } = await file.stat()
      // Another file under the same name, or one that was cut: what it holds is to be learnt anew.
      if (ino !== inode || size < offset) {
        marks.clear()
        inode = ino
        offset = 0
      }
      let rest = Buffer.alloc(0)
      for (let at = offset; ;) {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, at)
        if (bytesRead === 0) break
        at += bytesRead
        const read = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
        const end = read.lastIndexOf('\n') + 1
        for (const [mark] of read.toString('utf8', 0, end).matchAll(pattern)) marks.add(mark)
        offset += end
        rest = read.subarray(end)
      }
      // A line that somebody is still writing counts for now, and is read again.
      for (const [mark] of rest.toString('utf8').matchAll(pattern)) marks.add(mark)
      return { torn: rest.length > 0 }
    },
    has: (mark) => marks.has(mark),
  }
}
