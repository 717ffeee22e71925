import { expect, test } from 'vitest'
import {
  applyEvent,
  applyServiceEvent,
  emptyDesk,
  emptyIncident,
  emptyService,
  sparse,
  type RecordedEvent,
} from '../index.ts'

const at = '2026-11-23T02:00:00.000Z'
const signal = { id: 's', key: 'errors', status: 'firing', at, service: 'shop', symptoms: [], labels: {}, links: [] }

function history(stream: string, ...events: (readonly [type: string, data: object])[]): RecordedEvent[] {
  return events.map(([type, data], index) => {
    const id = `${stream}@${index + 1}`
    return { id, stream, version: index + 1, type, at, recordedAt: at, actor: 'test', data, hash: '' }
  })
}

/** Something for every collection of an incident, and the end of what can end. */
const ofIncident = history(
  'incident/shop/7',
  ['signal.observed', signal],
  ['incident.linked', { incident: 'incident/web/1' }],
  ['incident.escalated', { to: 'engineer', why: 'x' }],
  ['note.added', { by: 'mia', text: 'x' }],
  ['page.requested', { request: 'r' }],
  ['action.finished', { key: 'k', attempt: 1, outcome: 'done' }],
  ['hold.released', { hold: 'h' }],
  ['hold.placed', { hold: 'h' }],
  ['approval.requested', { approval: 'a' }],
  ['guard.refused', { guard: 'g' }],
  ['rollback.planned', { units: [] }],
  ['unit.updated', { unit: 'u', outcome: 'done' }],
  ['mitigation.finished', { outcome: 'verified' }],
)
const ofService = history(
  'service/shop',
  ['hold.released', { hold: 'h' }],
  ['hold.placed', { hold: 'h' }],
  ['silence.lifted', { silence: 's' }],
  ['silence.placed', { silence: 's', until: at }],
  ['release.quarantined', { image: 'shop:4' }],
  ['ledger.charged', { action: 'a', key: 'k' }],
  ['signal.observed', signal],
)

test('a sparse state is an empty one like any other', () => {
  expect(sparse(emptyIncident('incident/shop/7'))).toStrictEqual(emptyIncident('incident/shop/7'))
  expect(structuredClone(sparse(emptyService('service/shop')))).toStrictEqual(emptyService('service/shop'))
  expect(sparse(emptyDesk('desk/manager/2026-11-23'))).toStrictEqual(emptyDesk('desk/manager/2026-11-23'))
})

test('each event adds up to the same in a sparse state, and leaves the next one empty', () => {
  const [incident, sparseIncident] = [emptyIncident('incident/shop/7'), sparse(emptyIncident('incident/shop/7'))]
  for (const event of ofIncident)
    expect(applyEvent(sparseIncident, event), event.type).toStrictEqual(applyEvent(incident, event))
  const [service, sparseService] = [emptyService('service/shop'), sparse(emptyService('service/shop'))]
  for (const event of ofService)
    expect(applyServiceEvent(sparseService, event), event.type).toStrictEqual(applyServiceEvent(service, event))
  const left = Object.values(sparse({ ...incident })).filter(
    (value) => Object.isFrozen(value) && value instanceof Object,
  )
  expect(left, 'every collection had something to take in').toEqual([[], []])
  expect(sparse(emptyIncident('incident/shop/8'))).toStrictEqual(emptyIncident('incident/shop/8'))
})

test('what is shared refuses to be written past the fold', () => {
  const { holds, signalIds, notes } = sparse(emptyIncident('incident/shop/7'))
  const hold = { hold: 'h', service: 'shop', reason: 'freeze', by: 'mia' }
  expect(() => holds.set('h', hold)).toThrow('shared')
  expect(() => signalIds.add('s')).toThrow('shared')
  expect(() => notes.push({ by: 'mia', text: 'x', at: 0 })).toThrow('not extensible')
  expect(emptyIncident('incident/shop/7').holds.set('h', hold).size).toBe(1)
})
