import { systemClock, type Clock, type Signal } from '@firebreak/core'
import type { AlertMapping } from './alert-mapping.ts'
import { memoryDeliveries, type DeliveryMemory } from './delivery-memory.ts'
import { IntakeRefused } from './intake-refused.ts'
import { readLimits, type IntakeLimitOptions, type IntakeLimits } from './limits.ts'
import { readRequest } from './read-request.ts'

/** What every intake takes. */
export interface IntakeOptions extends AlertMapping {
  readonly limits?: IntakeLimitOptions | undefined
  readonly clock?: Clock | undefined
}

/** What an intake with signed deliveries takes besides. */
export interface SignedIntakeOptions extends IntakeOptions {
  /** Where taken deliveries are remembered. Default: `memoryDeliveries()`, which forgets at a restart. */
  readonly memory?: DeliveryMemory | undefined
}

/**
 * Takes one webhook delivery: checks who sent it and that it is whole, fresh and new, and gives its signals, told
 * (`measured: false`) and capped. Rejects with `IntakeRefused`, whose `status` an HTTP server answers, or with core's
 * `InvalidInput` (400), which names the field; nothing is taken then.
 */
export interface Intake {
  /**
   * With `store`, the delivery is remembered only when it has resolved: a sender whose delivery could not be stored may
   * repeat it. Without it, the delivery is remembered at once.
   */
  (request: Request, store?: (signals: readonly Signal[]) => Promise<unknown>): Promise<readonly Signal[]>
  readonly source: string
}

export interface Received {
  readonly headers: Headers
  /** Raw: what a signature is over. */
  readonly bytes: Uint8Array
  readonly now: number
}

export interface Accepted {
  readonly signals: readonly Signal[]
  /** What marks this delivery, when its sender signs it; and for how long a copy must be refused. */
  readonly delivery?: { readonly id: string; readonly expiresAt: number } | undefined
}

/** Puts together what intakes share around `accept`, which verifies and reads one delivery. */
export function createIntake(
  source: string,
  options: SignedIntakeOptions,
  accept: (received: Received) => Accepted,
  limits: IntakeLimits = readLimits(options.limits),
): Intake {
  const { clock = systemClock, memory = memoryDeliveries() } = options
  const underWay = new Set<string>()

  async function intake(request: Request, store?: (signals: readonly Signal[]) => Promise<unknown>) {
    const bytes = await readRequest(request, limits, clock)
    const { signals, delivery } = accept({ headers: request.headers, bytes, now: clock.now() })
    if (delivery === undefined) {
      await store?.(signals)
      return signals
    }
    const id = `${source}:${delivery.id}`
    if (underWay.has(id)) throw replayed()
    underWay.add(id)
    try {
      if (await memory.has(id, clock.now())) throw replayed()
      await store?.(signals)
      await memory.add(id, delivery.expiresAt)
    } finally {
      underWay.delete(id)
    }
    return signals
  }
  return Object.assign(intake, { source })
}

function replayed(): IntakeRefused {
  return new IntakeRefused('DELIVERY_REPLAYED', 'delivery', 'has been taken already: it is not taken twice')
}
