import type { Signal } from '@firebreak/core'

let serial = 0

/** A measured outage of `shop`, now; each with an id of its own. */
export function outage(clock: { now(): number }, overrides: Partial<Signal> = {}): Signal {
  serial += 1
  return {
    id: `signal-${serial}`,
    key: 'http',
    source: 'http',
    measured: true,
    service: 'shop',
    status: 'firing',
    at: new Date(clock.now()).toISOString(),
    summary: 'does not answer',
    symptoms: [{ kind: 'outage', extent: 'complete' }],
    labels: {},
    links: [],
    ...overrides,
  }
}
