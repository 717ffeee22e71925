import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

/** As much as the new objects of a storm need, in bytes; V8 would go on to 64 MB and keep them. */
const enough = 32 * 1_048_576

/**
 * A responder that waits beside the services it guards is to be small. V8 takes memory as if it were there for the taking:
 * here it collects when the heap has grown by four tenths, and its space for new objects stops growing when it is large
 * enough. Gives what ends the watch.
 */
export function keepHeapSmall(): () => void {
  setFlagsFromString('--heap-growing-percent=40')
  const observer = new PerformanceObserver(() => {
    const size = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0
    if (size < enough) return
    observer.disconnect()
    setFlagsFromString('--semi-space-growth-factor=1')
  })
  observer.observe({ entryTypes: ['gc'] })
  return () => observer.disconnect()
}
