import type { Machine } from '../machines/machine.ts'
import type { Troubles } from './trouble-memory.ts'

export interface SupportFacts {
  readonly app: string
  readonly organization: string | undefined
  readonly troubles: Troubles
  /** As they were seen last. */
  readonly machines: readonly Machine[]
}

const mostMachines = 20

/** To be pasted into a request to Fly's support: names, figures and times in UTC, one fact a line. */
export function supportText({ app, organization, troubles, machines }: SupportFacts): string {
  const { first, last, count, requestIds } = troubles
  const utc = (at: number) => new Date(at).toISOString().replace('.000Z', 'Z')
  const answer = ({ status }: { status?: number | undefined }) => (status === undefined ? 'no answer' : String(status))
  const named = machines
    .slice(0, mostMachines)
    .map(({ id, region, host_status: host }) => `${id} (${region}${host === undefined ? '' : `, host ${host}`})`)
  const more = machines.length > mostMachines ? [`and ${machines.length - mostMachines} more`] : []
  const regions = [...new Set(machines.map(({ region }) => region))].toSorted()
  return [
    `App ${app}, organization ${organization ?? 'unknown'}: the Machines API does not answer.`,
    `First error ${utc(first.at)} (${answer(first)}), last error ${utc(last.at)} (${answer(last)}), ${count} in a row.`,
    ...(requestIds.length === 0 ? [] : [`Request ids: ${requestIds.join(', ')}.`]),
    ...(machines.length === 0 ? [] : [`Machines, as seen last: ${[...named, ...more].join(', ')}.`]),
    ...(regions.length === 0 ? [] : [`Regions: ${regions.join(', ')}.`]),
  ].join('\n')
}
