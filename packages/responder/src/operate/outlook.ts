import type { Desk, Incident, StreamId } from '@firebreak/core'
import { desksOf } from '../loop/in-hand.ts'
import { withHoldsOnAll } from '../loop/holds.ts'
import type { House } from '../loop/house.ts'
import type { AnyPart } from '../loop/plan.ts'
import { isDesk, type Streams } from '../loop/streams.ts'
import { explainIncident, type Explanation } from './explain.ts'
import { readIncident } from './find.ts'
import { forecastOf, type Forecast } from './forecast.ts'

/** What can be asked of an incident at any time: why, and what next. */
export interface Outlook {
  forecast(id: string): Promise<readonly Forecast[]>
  explain(id: string): Promise<Explanation>
}

export interface OutlookOptions {
  readonly house: House
  readonly streams: Streams
  readonly parts: readonly AnyPart[]
}

export function createOutlook({ house, streams, parts }: OutlookOptions): Outlook {
  const { log, clock } = house

  /** As the loop plans. */
  async function viewOf({ service }: Readonly<Incident>) {
    const [{ state: own }, { state: every }] = await Promise.all([streams.service(service), streams.service('*')])
    return { now: clock.now(), service: withHoldsOnAll(own, every), organisation: every }
  }

  /** Where its pages wait. A desk that nobody follows is not followed from now on. */
  async function desksFor(incident: Readonly<Incident>): Promise<readonly Readonly<Desk>[]> {
    const names = new Set<StreamId>()
    for (const { request, withdrawn } of incident.pages.values())
      if (withdrawn === undefined && request.reach !== 'record')
        for (const desk of desksOf(request, incident.openedAt, clock.now())) names.add(desk)
    const desks: Readonly<Desk>[] = []
    for (const name of names) {
      const followed = streams.known(name) !== undefined
      const desk = await streams.fresh(name)
      if (isDesk(desk) && desk.state.version > 0) desks.push(desk.state)
      if (!followed) streams.drop(name)
    }
    return desks
  }

  async function next(incident: Readonly<Incident>, view: Awaited<ReturnType<typeof viewOf>>) {
    return forecastOf(parts, incident, await desksFor(incident), view)
  }

  return {
    async forecast(id) {
      const state = await readIncident(log, streams, id)
      return next(state, await viewOf(state))
    },
    async explain(id) {
      const state = await readIncident(log, streams, id)
      const view = await viewOf(state)
      return explainIncident({
        incident: state,
        service: view.service,
        heldFromOutside: house.heldFromOutside(),
        next: await next(state, view),
        mayAct: parts.length === 0 ? undefined : parts.some(({ name }) => name === 'mitigator'),
        now: view.now,
      })
    },
  }
}
