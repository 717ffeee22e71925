/** One request that reached the simulator. */
export interface LoggedCall {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly method: string
  readonly path: string
  readonly query: string
  /** 'machines.update', 'leases.acquire', 'releases.create', …; '' for an unknown route. */
  readonly operation: string
  readonly app: string | undefined
  readonly machine: string | undefined
  /** Undefined while the answer is outstanding; 0 when the connection was dropped. */
  status: number | undefined
  /** Whose token it was; '' before that is known. */
  user: string
  /** What was sent; parse it to see what was asked for. */
  readonly body: string
  /** The fault that struck, if any. */
  fault: string | undefined
}

export interface CallLog {
  begin(call: Omit<LoggedCall, 'status' | 'fault' | 'user'>): LoggedCall
  entries(filter?: {
    operation?: string | undefined
    app?: string | undefined
    writes?: boolean | undefined
  }): readonly LoggedCall[]
  /** How many requests changed something, by operation. Leases do not count: they change nothing that runs. */
  writes(): Readonly<Record<string, number>>
  clear(): void
}

const keptCalls = 100_000
const readsByPost = /^(?:prometheus|platform|graphql|leases)/

export function createCallLog(): CallLog {
  const entries: LoggedCall[] = []
  return {
    begin(call) {
      const logged: LoggedCall = { ...call, status: undefined, fault: undefined, user: '' }
      entries.push(logged)
      if (entries.length > keptCalls * 1.1) entries.splice(0, entries.length - keptCalls)
      return logged
    },
    entries: ({ operation, app, writes } = {}) =>
      entries.filter(
        (call) =>
          (operation === undefined || call.operation === operation) &&
          (app === undefined || call.app === app) &&
          (writes === undefined || isWrite(call) === writes),
      ),
    writes() {
      const counts: Record<string, number> = {}
      for (const call of entries) if (isWrite(call)) counts[call.operation] = (counts[call.operation] ?? 0) + 1
      return counts
    },
    clear: () => void (entries.length = 0),
  }
}

export function isWrite({ method, operation, body }: Pick<LoggedCall, 'method' | 'operation' | 'body'>): boolean {
  if (operation === 'graphql') return /"query"\s*:\s*"\s*mutation/.test(body)
  return method !== 'GET' && method !== 'HEAD' && operation !== '' && !readsByPost.test(operation)
}
