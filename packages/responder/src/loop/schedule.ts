/** What falls due when: one earliest time for all streams, so that the loop needs one timer. */
export interface Schedule {
  /** Replaces what was set for the stream; `undefined` takes it off. */
  set(stream: string, at: number | undefined): void
  /** Brings the stream forward; never puts it off. */
  sooner(stream: string, at: number): void
  /** Takes off and gives the streams that are due. */
  due(now: number): string[]
  readonly nextAt: number | undefined
  readonly size: number
}

export function createSchedule(): Schedule {
  const times = new Map<string, number>()
  let heap: { at: number; stream: string }[] = []

  function push(entry: { at: number; stream: string }) {
    heap.push(entry)
    for (let index = heap.length - 1; index > 0;) {
      const parent = (index - 1) >> 1
      if (heap[parent]!.at <= heap[index]!.at) break
      swap(index, parent)
      index = parent
    }
  }
  function pop() {
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    for (let index = 0; ;) {
      const left = index * 2 + 1
      const right = left + 1
      let least = index
      if (left < heap.length && heap[left]!.at < heap[least]!.at) least = left
      if (right < heap.length && heap[right]!.at < heap[least]!.at) least = right
      if (least === index) return
      swap(index, least)
      index = least
    }
  }
  function swap(one: number, other: number) {
    const kept = heap[one]!
    heap[one] = heap[other]!
    heap[other] = kept
  }
  /** Drops entries that a later `set` has replaced. */
  function head() {
    while (heap[0] !== undefined && times.get(heap[0].stream) !== heap[0].at) pop()
    return heap[0]
  }

  /** Entries that were replaced long before their time would be kept until then. A sorted list is a heap. */
  function keepCurrent() {
    heap = Array.from(times, ([stream, at]) => ({ at, stream })).sort((one, other) => one.at - other.at)
  }

  function set(stream: string, at: number | undefined) {
    if (times.get(stream) === at) return
    if (at === undefined) times.delete(stream)
    else {
      times.set(stream, at)
      push({ at, stream })
      if (heap.length > mostReplaced(times.size)) keepCurrent()
    }
  }

  return {
    set,
    sooner(stream, at) {
      if (at < (times.get(stream) ?? Infinity)) set(stream, at)
    },
    due(now) {
      const streams: string[] = []
      for (let entry = head(); entry !== undefined && entry.at <= now; entry = head()) {
        pop()
        times.delete(entry.stream)
        streams.push(entry.stream)
      }
      return streams
    },
    get nextAt() {
      return head()?.at
    },
    get size() {
      return times.size
    },
  }
}

/** How long the heap may be: sorting it is then paid for by the entries that came since the last time. */
function mostReplaced(size: number): number {
  return 64 + size + (size >> 1)
}
