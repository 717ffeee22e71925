import type { Incident, PageKind, ServiceRecord } from '@firebreak/core'
import { causesOf } from '../ladder/causes.ts'
import { flappingOf } from '../ladder/flapping.ts'
import type { Rung } from '../ladder/ladder.ts'
import { percent, whole, word } from '../page/numbers.ts'
import type { Routes } from '../routes/routes.ts'
import { factsOf } from './facts.ts'

/** News for those who have been told already. Read, never waking. */
export interface News {
  readonly identity: string
  readonly kind: PageKind
  readonly reason: string
  readonly at: number
  readonly because: string
}

/** What has happened since people were told, oldest first. Pure. */
export function newsOf(
  incident: Readonly<Incident>,
  service: Readonly<ServiceRecord>,
  routes: Routes,
  now: number,
): readonly News[] {
  const { acknowledgement, reopened, status, resolvedAt } = incident
  const news: News[] = []
  const add = (
    at: number | undefined,
    identity: string,
    reason: string,
    because: string,
    kind: PageKind = 'update',
  ) => {
    // A refusal is news once no approval has taken its place; everything else has happened already.
    if (at !== undefined && (at <= now || reason === 'refused'))
      news.push({ identity: `news/${identity}`, kind, reason, at, because })
  }
  if (acknowledgement !== undefined)
    add(
      acknowledgement.at,
      `acknowledged/${acknowledgement.at}`,
      'acknowledged',
      `${word(acknowledgement.by)} has it`,
      'acknowledge',
    )
  if (incident.plan !== undefined && incident.units.size > 0) {
    const { plan, from, to, units } = incident.plan
    const because = `rollback of v${from.version} to the image of v${to.version} began, ${units.length} machines`
    add(incident.plannedAt, `rollback/${word(plan)}`, 'rollback', because)
  }
  for (const { at, outcome, action } of incident.mitigations)
    if (outcome === 'verified') add(at, `verified/${at}`, 'verified', verified(incident, action))
  for (const { guard, at } of incident.refusals)
    if (guard === 'platform')
      add(at, `blind/${at}`, 'blind', 'the platform does not answer: nothing can be changed from here')
  const flapping = flappingOf(incident, service, routes, now)
  if (flapping !== undefined) {
    const because = `${word(flapping.key)} changed ${flapping.changes} times; one notice only while it goes on and off`
    add(flapping.since, `flapping/${reopened}`, 'flapping', because)
  }
  if (incident.severity !== null)
    for (const { name, at, reason, because } of causesOf(incident, routes, incident.severity))
      add(at, name, reason, because)
  if (status === 'resolved') add(resolvedAt, `resolved/${reopened}`, 'resolved', 'resolved', 'resolve')
  return news.toSorted((left, right) => left.at - right.at)
}

/** The roles that have been asked to look, and since when. */
export function toldRoles({ pages }: Readonly<Incident>, records: ReadonlySet<string>): ReadonlyMap<string, number> {
  const told = new Map<string, number>()
  for (const { request, requestedAt, withdrawn } of pages.values()) {
    if (request.kind !== 'trigger' || withdrawn !== undefined || factsOf(request).step === 'digest') continue
    if (records.has(request.to) || told.has(request.to)) continue
    told.set(request.to, requestedAt)
  }
  return told
}

/** Is this news a page of its own for the role? Then it needs no second message. */
export function isPaged({ pages }: Readonly<Incident>, rungs: readonly Rung[], to: string, { at }: News): boolean {
  if (rungs.some((rung) => rung.to === to && rung.dueAt === at)) return true
  for (const { request } of pages.values())
    if (request.to === to && request.kind === 'trigger' && Date.parse(request.due) === at) return true
  return false
}

function verified({ impact, units }: Readonly<Incident>, action: string): string {
  const changed = Array.from(units.values()).filter(
    ({ outcome }) => outcome === 'updated' || outcome === 'alreadyThere',
  ).length
  const share = impact?.share
  return [
    `${word(action)} verified`,
    ...(changed === 0 ? [] : [`${whole(changed)} machines`]),
    ...(share === undefined || share === null ? [] : [`${percent(share)} of requests failed while it lasted`]),
  ].join(', ')
}
