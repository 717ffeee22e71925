import { InvalidInput } from '@firebreak/core'
import { digestOf, imageOf, processGroup, untouchable } from '../machines/facts.ts'
import type { Machine } from '../machines/machine.ts'
import { checkedName, checkedNumber } from '../transport/route.ts'

export interface ScaleRequest {
  /** How many machines the group is to have. */
  readonly count: number
  /** Default `app`. */
  readonly group?: string | undefined
  /** Where new ones go, in turn. Default: where the group is, in the order of its machines. */
  readonly regions?: readonly string[] | undefined
  readonly maxPerRegion?: number | undefined
}

/** What would be done: plain data, so that it can be shown before it is done. */
export interface ScalePlan {
  readonly group: string
  readonly from: number
  readonly to: number
  readonly add: readonly { readonly region: string }[]
  readonly remove: readonly { readonly id: string; readonly region: string; readonly state: string }[]
  /** The machine that new ones are copied from, and what it runs. */
  readonly template?: { readonly id: string; readonly image: string; readonly digest?: string | undefined } | undefined
  /** What a person should know before: mixed versions, lost hosts. */
  readonly warnings: readonly string[]
}

/** Refuses what cannot be meant, before anything is asked. */
export function checkedScale(request: ScaleRequest): { count: number; group: string; most: number } {
  for (const region of request.regions ?? []) checkedName(region, 'regions')
  return {
    count: checkedNumber(request.count, 'count', 0, 1_000, true),
    group: checkedName(request.group ?? 'app', 'group'),
    most: checkedNumber(request.maxPerRegion ?? 1_000, 'maxPerRegion', 1, 1_000, true),
  }
}

/**
 * As `fly scale count` plans it: additions go round the regions, removals go backwards through them, the first machines of
 * a region first. The copy is made of what most machines of the group run, not of whatever stands first in the list.
 */
export function planScale(machines: readonly Machine[], request: ScaleRequest): ScalePlan {
  const { count, group, most } = checkedScale(request)
  const mine = machines.filter((machine) => processGroup(machine) === group)
  const usable = mine.filter((machine) => untouchable(machine) === undefined)
  const left = mine.filter((machine) => untouchable(machine) !== undefined && machine.state !== 'destroyed')
  const regions = request.regions ?? [...new Set(usable.map(({ region }) => region))]
  const perRegion = new Map(regions.map((region) => [region, usable.filter((machine) => machine.region === region)]))
  const warnings = left.map((machine) => `${machine.id} is not counted: it ${untouchable(machine) ?? ''}`)
  const template = count > usable.length ? templateOf(usable, group, warnings) : undefined
  return {
    group,
    from: usable.length,
    to: count,
    add: additions(perRegion, count - usable.length, most),
    remove: removals(perRegion, usable, usable.length - count),
    ...(template === undefined
      ? {}
      : { template: { id: template.id, image: imageOf(template), digest: digestOf(template) } }),
    warnings,
  }
}

function additions(perRegion: ReadonlyMap<string, readonly Machine[]>, wanted: number, most: number): ScalePlan['add'] {
  const counts = new Map([...perRegion].map(([region, members]) => [region, members.length]))
  const add: { region: string }[] = []
  while (add.length < wanted) {
    const before = add.length
    for (const [region, has] of counts) {
      if (add.length >= wanted || has >= most) continue
      counts.set(region, has + 1)
      add.push({ region })
    }
    if (add.length === before)
      throw new InvalidInput(
        'maxPerRegion',
        `leaves no room for ${wanted - add.length} more in ${[...counts.keys()].join(', ') || 'no region'}`,
      )
  }
  return add
}

function removals(
  perRegion: ReadonlyMap<string, readonly Machine[]>,
  usable: readonly Machine[],
  wanted: number,
): ScalePlan['remove'] {
  const queues = [...perRegion.values()].toReversed().map((members) => [...members])
  const elsewhere = usable.filter(({ region }) => !perRegion.has(region))
  const remove: Machine[] = elsewhere.slice(0, Math.max(0, wanted))
  while (remove.length < wanted) {
    const before = remove.length
    for (const queue of queues) {
      const next = remove.length < wanted ? queue.shift() : undefined
      if (next !== undefined) remove.push(next)
    }
    if (remove.length === before) break
  }
  return remove.map(({ id, region, state }) => ({ id, region, state }))
}

/** Of the image that most run: scaling up after a deploy that stopped half-way must not spread the odd one. */
function templateOf(usable: readonly Machine[], group: string, warnings: string[]): Machine {
  const images = [...Map.groupBy(usable, (machine) => digestOf(machine) ?? imageOf(machine)).values()]
  const largest = images.toSorted((one, other) => other.length - one.length)[0]
  const template = largest?.find(({ state }) => state === 'started') ?? largest?.[0]
  if (template === undefined) throw new InvalidInput('group', `${group} has no machine to copy; deploy it first`)
  if (images.length > 1)
    warnings.push(
      `${group} runs ${images.length} different images; new machines get ${imageOf(template)}, which most run`,
    )
  return template
}
