import { createId, redact, systemClock, systemRandom, type Signal } from '@firebreak/core'
import { oneLine, withoutEscapes } from './plain-text.ts'
import { numberIn } from './numbers.ts'
import { checkService } from './service-name.ts'
import { defaultStaleAfterMs, type ProbeOptions } from './probe-options.ts'

const longestSummary = 2_000

/** What differs from one observation to the next. */
export interface Observation extends Pick<Signal, 'status' | 'summary' | 'symptoms'> {
  /** Appended to the probe's name when one probe speaks of several problems: 'latency' gives 'checkout/latency'. */
  readonly aspect?: string | undefined
}

/** Makes the measured signals of one probe: same source, service and key, a new id each time. */
export function createObserver(source: string, name: string, options: ProbeOptions) {
  const { service, labels = {}, links = [], clock = systemClock, random = systemRandom } = options
  checkService(service, `name the service that ${name} looks at`)
  const staleAfterMs = numberIn(options.staleAfterMs ?? defaultStaleAfterMs, 'staleAfterMs', 1)
  return function observed({ aspect, status, summary, symptoms }: Observation): Signal {
    return {
      id: createId(clock, random),
      key: aspect === undefined ? name : `${name}/${aspect}`,
      source,
      measured: true,
      service,
      status,
      at: new Date(clock.now()).toISOString(),
      summary: oneLine(redact(withoutEscapes(summary)), longestSummary),
      symptoms,
      labels,
      links,
      staleAfterMs,
    }
  }
}
