import { InvalidInput, seededRandom } from '@firebreak/core'
import type { Fault, FaultKind } from './fault.ts'
import { holdingFaults, strikingFaults } from './fault.ts'

export interface RandomFaultsOptions {
  /** The same seed, the same faults. */
  readonly seed: number
  /** How many rules. Default 5. */
  readonly count?: number | undefined
  /** They begin within so many milliseconds of the simulator's start. Default 600,000. */
  readonly withinMs?: number | undefined
  /** Only these kinds. Default: all. */
  readonly kinds?: readonly FaultKind[] | undefined
  readonly app?: string | undefined
}

/** Trouble drawn from a seed: rules for `createFlySim({ faults })`, each bounded in time or in number. */
export function randomFaults({
  seed,
  count = 5,
  withinMs = 600_000,
  kinds,
  app,
}: RandomFaultsOptions): readonly Fault[] {
  const choices = kinds ?? [...strikingFaults, ...holdingFaults]
  if (choices.length === 0) throw new InvalidInput('kinds', 'must name at least one kind of fault, or be left out')
  if (!(Number.isInteger(count) && count >= 0)) throw new InvalidInput('count', 'must be a whole number of 0 or more')
  if (!(withinMs >= 0)) throw new InvalidInput('withinMs', 'must be a number of 0 or more')
  const random = seededRandom(seed)
  const whole = (least: number, most: number) => least + Math.floor(random() * (most - least + 1))
  return Array.from({ length: count }, () => {
    const kind = choices[whole(0, choices.length - 1)] ?? 'timeout'
    const fromMs = whole(0, withinMs)
    const effect = random() < 0.5
    const retryAfterSeconds = random() < 0.3 ? null : whole(1, 20)
    const status = kind === 'bad-gateway' ? (random() < 0.5 ? 502 : 504) : undefined
    const times = whole(1, 3)
    const untilMs = fromMs + whole(1_000, 120_000)
    const strikes = (strikingFaults as readonly string[]).includes(kind)
    return {
      kind,
      fromMs,
      ...(app === undefined ? {} : { app }),
      ...(strikes ? { times, effect, retryAfterSeconds, status } : { untilMs }),
    }
  })
}
