import type { Bus, Teller } from '@firebreak/core'
import type { Measures } from './measures.ts'

/** What is counted of what this responder records: incidents, actions, deliveries. */
export function countEvents(bus: Bus & Teller, measures: Measures): void {
  bus.on('incident.opened', () => measures.count('incidents_opened'))
  bus.on('incident.reopened', () => measures.count('incidents_reopened'))
  bus.on('incident.resolved', () => measures.count('incidents_resolved'))
  bus.on('action.started', ({ part, attempt }) => {
    measures.count('actions_started', { part, attempt: attempt === 1 ? 'first' : 'again' })
  })
  bus.on('action.finished', ({ outcome }, recorded) => {
    measures.count('actions_finished', { part: recorded?.actor ?? '', outcome })
  })
  bus.on('page.sent', ({ notifier, delayMs }, recorded) => {
    // A page is told of in its incident and at its desk; it was sent once.
    if (recorded?.stream.startsWith('desk/') === false) return
    measures.count('deliveries', { notifier, outcome: 'sent' })
    if (delayMs !== undefined) measures.observe('delivery_delay', delayMs)
  })
  bus.on('page.failed', ({ notifier, outcome }, recorded) => {
    if (recorded?.stream.startsWith('desk/') === false) return
    measures.count('deliveries', { notifier, outcome })
  })
}
