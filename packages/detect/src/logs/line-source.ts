import { wholeIn } from '../numbers.ts'

export interface LogLine {
  readonly message: string
  /** Milliseconds since the epoch; default: when it was read. */
  readonly at?: number | undefined
}

/**
 * Gives the lines that came since it was last asked, and ends; must reject when it could not read. `since` is when it was
 * last asked, in milliseconds since the epoch, or one window ago the first time.
 */
export type LineSource = (context: {
  readonly since: number
  readonly signal: AbortSignal
}) => AsyncIterable<LogLine | string> | Iterable<LogLine | string>

/** Between a live stream and a probe that asks now and then. */
export interface LineBuffer {
  readonly source: LineSource
  /** Takes a line of the stream. Full, the oldest is dropped. */
  push(line: LogLine | string): void
  /** Lines dropped so far. */
  readonly dropped: number
}

/** Keeps the newest lines of a live stream until a probe asks. Default 10,000. */
export function lineBuffer({ capacity = 10_000 }: { capacity?: number | undefined } = {}): LineBuffer {
  wholeIn(capacity, 'capacity', 1)
  let lines: (LogLine | string)[] = []
  let oldest = 0
  let dropped = 0
  return {
    push(line) {
      lines.push(line)
      if (lines.length - oldest <= capacity) return
      oldest += 1
      dropped += 1
      // Shifting at every line would cost the whole buffer each time.
      if (oldest < capacity) return
      lines = lines.slice(oldest)
      oldest = 0
    },
    source() {
      const taken = lines.slice(oldest)
      lines = []
      oldest = 0
      return taken
    },
    get dropped() {
      return dropped
    },
  }
}
