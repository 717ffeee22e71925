import type { Incident, PageState, RecordAction } from '@firebreak/core'
import { coverOf } from '../ladder/acknowledgement.ts'
import { factsOf } from './facts.ts'

/**
 * Pages that were asked for and have no use any more: somebody took it on, or it is over. Of an incident that came and went
 * before anybody heard, the first page survives: people are told that it happened.
 */
export function withdrawalsOf(incident: Readonly<Incident>): readonly RecordAction[] {
  const waiting = Array.from(incident.pages.values()).filter(isWaiting)
  if (waiting.length === 0) return []
  if (incident.status === 'resolved') {
    const rest = wasHeard(incident) ? waiting : waiting.slice(1)
    return rest.map((page) => withdrawal(incident, page, 'resolved before it was sent'))
  }
  return waiting.flatMap((page) => {
    const cover = coverOf(incident, page.request.severity)
    const covered = cover !== undefined && incident.acknowledgement?.lapsed !== true && page.requestedAt <= cover.at
    return covered ? [withdrawal(incident, page, `acknowledged by ${incident.acknowledgement?.by ?? 'somebody'}`)] : []
  })
}

function isWaiting({ request, withdrawn, sent }: PageState): boolean {
  if (request.kind !== 'trigger' || request.reach === 'record' || withdrawn !== undefined) return false
  if (factsOf(request).step === 'digest') return false
  return !sent.some(({ reach }) => reach === request.reach || reach === 'wake')
}

function wasHeard({ pages }: Readonly<Incident>): boolean {
  for (const { request, sent } of pages.values())
    if (request.kind === 'trigger' && sent.some(({ reach }) => reach === request.reach && reach !== 'record'))
      return true
  return false
}

function withdrawal(incident: Readonly<Incident>, { request }: PageState, why: string): RecordAction {
  const { to, request: id } = request
  const data = { request: id, incident: incident.stream, to, why }
  const event = { id: `${id}/withdrawn`, type: 'page.withdrawn', actor: 'pager', data } as const
  const desk = factsOf(request).desk
  return {
    key: `withdraw/${id}`,
    why: `the page to ${to} is not needed: ${why}`,
    record: { events: [event], tell: desk === undefined ? [] : [{ to: desk, event }] },
  }
}
