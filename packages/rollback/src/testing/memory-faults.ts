import { NetworkError, UnitChanged, type Clock } from '@firebreak/core'
import { Throttled } from './memory-errors.ts'

export type MemoryCall =
  | 'releases'
  | 'available'
  | 'units'
  | 'observe'
  | 'update'
  | 'settle'
  | 'lock'
  | 'renew'
  | 'unlock'
  | 'recordRelease'
  | 'restart'
  | 'scale'
  | 'isolate'
  | 'rejoin'
  | 'platform'

/** One thing that goes wrong, the way platforms go wrong. */
export interface MemoryFault {
  readonly on: MemoryCall
  /** Only for this unit. */
  readonly unit?: string | undefined
  /** How often; default once. */
  readonly times?: number | undefined
  readonly kind:
    /** The connection breaks before the effect. */
    | 'droppedBefore'
    /** The connection breaks after the effect: the answer is lost. */
    | 'droppedAfter'
    /** 429 with `retryAfterMs`. */
    | 'throttled'
    /** Somebody else changed the unit first. */
    | 'raced'
    /** The update is acknowledged, and the platform puts the old image back. */
    | 'reverted'
    /** Answers after `delayMs`. */
    | 'slow'
    /** Never answers. */
    | 'hangs'
    /** The unit comes up broken. */
    | 'broken'
  readonly retryAfterMs?: number | undefined
  readonly delayMs?: number | undefined
}

export interface FaultBox {
  add(fault: MemoryFault): void
  /** Runs a call through its faults. `effect` is told which faults change what the effect does. */
  run<T>(
    call: MemoryCall,
    unit: string | undefined,
    signal: AbortSignal,
    effect: (kind?: MemoryFault['kind']) => T,
  ): Promise<T>
}

export function faultBox(clock: Clock, initial: readonly MemoryFault[]): FaultBox {
  const armed: { fault: MemoryFault; left: number }[] = []
  const add = (fault: MemoryFault) => void armed.push({ fault, left: fault.times ?? 1 })
  initial.forEach(add)

  function take(call: MemoryCall, unit: string | undefined): MemoryFault | undefined {
    const found = armed.find(
      ({ fault, left }) => left > 0 && fault.on === call && (fault.unit === undefined || fault.unit === unit),
    )
    if (found !== undefined) found.left -= 1
    return found?.fault
  }
  return {
    add,
    async run(call, unit, signal, effect) {
      signal.throwIfAborted()
      const fault = take(call, unit)
      switch (fault?.kind) {
        case undefined:
          return effect()
        case 'droppedBefore':
          throw new NetworkError(`${call}: the connection broke before an answer came`)
        case 'droppedAfter':
          effect()
          throw new NetworkError(`${call}: the connection broke before an answer came`)
        case 'throttled':
          throw new Throttled(fault.retryAfterMs ?? 1_000)
        case 'raced':
          throw new UnitChanged(unit ?? '', `${unit ?? 'the unit'} was changed meanwhile: look again`)
        case 'slow':
          await clock.sleep(fault.delayMs ?? 10_000, signal)
          return effect()
        case 'hangs':
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason), { once: true })
          })
        case 'reverted':
        case 'broken':
          return effect(fault.kind)
      }
    },
  }
}
