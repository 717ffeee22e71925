import { performance, PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'

interface Mode {
  /** By how much the heap may grow before it is collected, and whether what is left is moved together and the rest given back. */
  readonly flags: readonly string[]
  /** Room for new objects, in bytes: it stops growing there. V8 would go on to 64 MB and keep them. */
  readonly newSpace: number
}

const megabyte = 1_048_576
/** V8 prints an error about a flag that it does not know: this one is of Node 24. */
const canSave = Number.parseFloat(process.versions.v8) >= 13.6
/**
 * What the middle one of V8's compilers needs while it works, some 12 MB, is never given back. Without it the first thousands
 * of alerts cost about a tenth more, the later ones no more.
 */
const always = ['--no-maglev']
const storm: Mode = {
  flags: ['--heap-growing-percent=25', ...(canSave ? ['--no-memory-saver-mode'] : [])],
  newSpace: 16 * megabyte,
}
const calm: Mode = {
  flags: ['--heap-growing-percent=15', ...(canSave ? ['--memory-saver-mode'] : [])],
  newSpace: 8 * megabyte,
}
/** It is calm while no more than this share of the time was needed. */
const calmShare = 0.9
const lookEveryMs = 1_000

/**
 * A responder that waits beside the services it guards is to be small. V8 takes memory as if it were there for the taking:
 * here it takes less, and while there is time to spare it works for using as little as it can. A storm needs that time.
 * Gives what ends the watch.
 */
export function keepHeapSmall(): () => void {
  let mode = storm
  let since = performance.eventLoopUtilization()
  let lookAt = performance.now() + lookEveryMs
  let mayGrow = true
  set([...always, ...mode.flags])

  function look() {
    const { utilization } = performance.eventLoopUtilization(since)
    since = performance.eventLoopUtilization()
    lookAt = performance.now() + lookEveryMs
    const wanted = utilization <= calmShare ? calm : storm
    if (wanted !== mode) set((mode = wanted).flags)
  }

  /** It shrinks again when there is little to do, and must then be able to grow. */
  function boundNewSpace() {
    const size = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')?.space_size ?? 0
    if (mayGrow === size < mode.newSpace) return
    mayGrow = !mayGrow
    set([`--semi-space-growth-factor=${mayGrow ? 2 : 1}`])
  }

  // Where nothing is collected, nothing has grown.
  const observer = new PerformanceObserver(() => {
    if (performance.now() >= lookAt) look()
    boundNewSpace()
  })
  observer.observe({ entryTypes: ['gc'] })
  return () => observer.disconnect()
}

function set(flags: readonly string[]): void {
  for (const flag of flags) setFlagsFromString(flag)
}
