/** One request that Fly did not answer as it should: what its support asks for. */
export interface Trouble {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Absent when there was no answer. */
  readonly status?: number | undefined
  readonly requestId?: string | undefined
}

/** What went wrong since Fly last answered, in figures. */
export interface Troubles {
  readonly first: Trouble
  readonly last: Trouble
  readonly count: number
  /** The newest ones, at most five. */
  readonly requestIds: readonly string[]
}

/** Remembers failures of an app's own API from one good answer to the next. */
export interface TroubleMemory {
  failed(app: string, trouble: Trouble): void
  answered(app: string): void
  of(app: string): Troubles | undefined
}

const mostIds = 5
const mostApps = 1_000

export function troubleMemory(): TroubleMemory {
  const known = new Map<string, Troubles>()
  return {
    failed(app, trouble) {
      const { first = trouble, count = 0, requestIds = [] } = known.get(app) ?? {}
      const ids = trouble.requestId === undefined ? requestIds : [...requestIds, trouble.requestId].slice(-mostIds)
      known.set(app, { first, last: trouble, count: count + 1, requestIds: ids })
      const [oldest] = known.keys()
      if (known.size > mostApps && oldest !== undefined) known.delete(oldest)
    },
    answered: (app) => void known.delete(app),
    of: (app) => known.get(app),
  }
}
