import type { Machine } from './machine.ts'

export type LogProvider = 'app' | 'proxy' | 'runner' | 'health' | 'machine'

export interface LogEntry {
  readonly id: string
  /** Nanoseconds since the epoch; no two entries of an app share one. */
  readonly nanoseconds: bigint
  readonly message: string
  readonly level: string
  readonly instance: string
  readonly region: string
  readonly provider: LogProvider
  readonly status?: number | undefined
  readonly method?: string | undefined
  readonly url?: string | undefined
  readonly code?: string | undefined
}

export interface LogQuery {
  readonly after?: bigint | undefined
  readonly instance?: string | undefined
  readonly region?: string | undefined
}

export type LogDetails = Pick<LogEntry, 'status' | 'method' | 'url' | 'code'>

/** What the platform keeps of an app's output: bounded, newest kept. */
export interface Logs {
  write(machine: Machine, level: string, message: string, provider: LogProvider, details?: LogDetails): void
  /** The proxy has something to say that concerns no machine. */
  writeApp(app: string, level: string, message: string, details?: LogDetails): void
  page(app: string, query: LogQuery): readonly LogEntry[]
}

const pageSize = 100
const keptEntries = 20_000
const dayNs = 86_400_000_000_000n

export function createLogs(stamp: () => number, lost: (machine: Machine | undefined) => boolean): Logs {
  const byApp = new Map<string, LogEntry[]>()
  let sequence = 0
  let last = 0n

  function add(
    app: string,
    machine: Machine | undefined,
    entry: Omit<LogEntry, 'id' | 'nanoseconds' | 'instance' | 'region'>,
  ) {
    if (lost(machine)) return
    const at = BigInt(Math.round(stamp() * 1_000)) * 1_000n
    last = at > last ? at : last + 1n
    sequence += 1
    const entries = byApp.get(app) ?? []
    byApp.set(app, entries)
    entries.push({
      id: String(sequence),
      nanoseconds: last,
      instance: machine?.id ?? '',
      region: machine?.region ?? '',
      ...entry,
    })
    if (entries.length > keptEntries * 1.25) entries.splice(0, entries.length - keptEntries)
  }

  return {
    write: (machine, level, message, provider, details) =>
      add(machine.app, machine, { level, message, provider, ...details }),
    writeApp: (app, level, message, details) => add(app, undefined, { level, message, provider: 'proxy', ...details }),
    page(app, { after, instance, region }) {
      const entries = byApp.get(app) ?? []
      const since = after ?? BigInt(Math.round(stamp())) * 1_000_000n - dayNs
      const found: LogEntry[] = []
      const wanted = (entry: LogEntry) =>
        entry.nanoseconds > since &&
        (instance === undefined || entry.instance === instance) &&
        (region === undefined || entry.region === region)
      if (after !== undefined) {
        for (let index = firstAfter(entries, since); index < entries.length && found.length < pageSize; index += 1)
          if (wanted(entries[index]!)) found.push(entries[index]!)
        return found
      }
      for (let index = entries.length - 1; index >= 0 && found.length < pageSize; index -= 1)
        if (wanted(entries[index]!)) found.push(entries[index]!)
      return found.reverse()
    },
  }
}

function firstAfter(entries: readonly LogEntry[], nanoseconds: bigint): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (entries[middle]!.nanoseconds <= nanoseconds) low = middle + 1
    else high = middle
  }
  return low
}
