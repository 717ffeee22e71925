import type { MemoryFault } from '@firebreak/rollback/testing'
import { createDraw, type Draw } from './draw.ts'
import { deedOf, faultOf } from './faults.ts'

/** Where a process may die or fall asleep, between two steps of its work. */
export type CrashPoint =
  | 'before append'
  | 'after append'
  | 'before write'
  | 'after write'
  | 'before send'
  | 'after send'

/** How a channel answers for a while. Three of them lie. */
export type ChannelTrouble =
  | 'slow'
  | 'hangs'
  | 'throttled'
  | 'transient'
  /** It delivers, and says that it may not have. */
  | 'ambiguous'
  /** It delivers, and says that it has not. */
  | 'denies'
  /** It says that it has taken the page, and drops it. Only where another channel wakes the same person. */
  | 'swallows'

/** What one process cannot reach for a while. */
export type Network = 'platform' | 'channels' | 'log'

/** One thing that happens at a time, in milliseconds from the start of the night. */
export type Happening = { readonly at: number } & (
  | { readonly kind: 'ship bad'; readonly image: string; readonly errorRatio: number; readonly checks: boolean }
  | { readonly kind: 'ship good' }
  | { readonly kind: 'unit ill'; readonly unit: string; readonly errorRatio: number; readonly checks: boolean }
  | { readonly kind: 'users fail'; readonly errorRatio: number; readonly database: boolean }
  | { readonly kind: 'well again' }
  | { readonly kind: 'crash'; readonly who: number; readonly restartMs: number; readonly silent: boolean }
  | {
      readonly kind: 'crash point'
      readonly who: number
      readonly point: CrashPoint
      readonly nth: number
      /** 0: dies and is started again after `restartMs`; else it sleeps so long, and goes on. */
      readonly sleepMs: number
      readonly restartMs: number
    }
  | { readonly kind: 'zombie'; readonly who: number; readonly sleepMs: number }
  | { readonly kind: 'log refuses'; readonly forMs: number; readonly after: boolean; readonly reads: boolean }
  | {
      readonly kind: 'cut off'
      readonly who: number
      readonly from: Network
      readonly forMs: number
      /** What it asks for happens, and the answer is lost. */
      readonly after: boolean
    }
  | { readonly kind: 'channel'; readonly channel: string; readonly trouble: ChannelTrouble; readonly forMs: number }
  | { readonly kind: 'target'; readonly fault: MemoryFault }
  | { readonly kind: 'silent revert'; readonly times: number }
  | { readonly kind: 'clock jump'; readonly byMs: number }
  | { readonly kind: 'hold'; readonly forMs: number; readonly everything: boolean }
  | { readonly kind: 'acknowledge' | 'approve' | 'deny' | 'note' | 'escalate' | 'resolve' }
)

export interface FleetUnit {
  readonly id: string
  readonly region: string
}

/** A night, drawn from its seed. Data only: what becomes of it is the responder's business. */
export interface Story {
  readonly seed: number
  readonly instances: number
  readonly fleet: readonly FleetUnit[]
  /** The manager has a second telephone: one of them may lie or be dead. */
  readonly secondPhone: boolean
  /** Which instances look at the service. */
  readonly watching: readonly boolean[]
  /** A cap so tight that it bites. */
  readonly tightCap: boolean
  /** Its responders keep no incident in memory of which nothing is due soon. */
  readonly forgetful: boolean
  /** How far the clock of each instance is ahead of the log's, in milliseconds. */
  readonly skewMs?: readonly number[]
  readonly happenings: readonly Happening[]
  /** When the last fault ends and a person mends the service. */
  readonly calmAt: number
}

export const badImage = 'shop:bad'
const otherBadImage = 'shop:worse'

const second = 1_000
const minute = 60 * second

export function drawStory(seed: number): Story {
  const draw = createDraw(seed)
  const instances = draw.chance(0.06) ? draw.between(4, 5) : draw.pick([1, 1, 1, 2, 2, 2, 3])
  const fleet = fleetOf(draw)
  const secondPhone = draw.chance(0.4)
  const onset = draw.between(20, 60) * second
  const twice = draw.chance(0.03)
  const returns = !twice && draw.chance(0.05)
  const long = returns ? draw.between(11, 15) : draw.between(4, draw.chance(0.22) ? 12 : 5)
  const calmAt = onset + (twice ? draw.between(20, 24) : long) * minute
  const during = () => draw.between(0, Math.floor((calmAt - 30 * second) / second)) * second
  const happenings = [
    ...troubles(),
    ...Array.from({ length: draw.between(0, 5) }, () => faultOf(draw, { instances, secondPhone, during })),
    ...Array.from({ length: draw.between(0, 3) }, () => deedOf(draw, onset, calmAt)),
  ]
  function troubles() {
    if (twice) return twoReleases(draw, onset, calmAt)
    return returns ? twoOutages(draw, onset, calmAt) : troubleOf(draw, { onset, calmAt, fleet })
  }
  return {
    seed,
    instances,
    fleet,
    secondPhone,
    watching: Array.from({ length: instances }, (_, index) => index === 0 || draw.chance(0.3)),
    tightCap: draw.chance(0.2),
    forgetful: draw.chance(0.05),
    ...(instances > 1 && draw.chance(0.4) ? { skewMs: skewsOf(draw, instances) } : {}),
    happenings: happenings.toSorted((one, other) => one.at - other.at),
    calmAt,
  }
}

/** Clocks that nobody sets: seconds apart mostly, some by half a minute. */
function skewsOf(draw: Draw, instances: number): readonly number[] {
  const most = draw.chance(0.2) ? 30_000 : 3_000
  return Array.from({ length: instances }, () => draw.between(-most, most))
}

/** Mostly three machines in two regions, as in the scenarios. */
function fleetOf(draw: Draw): readonly FleetUnit[] {
  const count = draw.chance(0.6) ? 3 : draw.between(1, 6)
  return Array.from({ length: count }, (_, index) => ({
    id: `m${index + 1}`,
    region: count > 1 && index === count - 1 ? 'ord' : 'iad',
  }))
}

/** A second bad release, long enough after the first that what was before it was good: the budget is spent by then. */
function twoReleases(draw: Draw, onset: number, calmAt: number): Happening[] {
  const bad = (at: number, image: string): Happening => ({ at, kind: 'ship bad', image, errorRatio: 0.9, checks: true })
  return [bad(onset, badImage), bad(calmAt - draw.between(4, 6) * minute, otherBadImage)]
}

/** Users fail, are served again for long enough that the first incident may end, and fail anew. */
function twoOutages(draw: Draw, onset: number, calmAt: number): Happening[] {
  const fail = (at: number): Happening => {
    const database = draw.chance(0.2)
    return { at, kind: 'users fail', errorRatio: database ? 1 : draw.pick([0.2, 0.55, 0.8]), database }
  }
  const wellAt = onset + draw.between(45, 150) * second
  return [fail(onset), { at: wellAt, kind: 'well again' }, fail(calmAt - draw.between(200, 330) * second)]
}

interface Setting {
  readonly onset: number
  readonly calmAt: number
  readonly fleet: readonly FleetUnit[]
}

/** What is wrong with the service. */
function troubleOf(draw: Draw, { onset, calmAt, fleet }: Setting): Happening[] {
  const errorRatio = draw.pick([0.06, 0.2, 0.5, 0.55, 0.8, 1])
  switch (draw.pick(['release', 'release', 'release', 'database', 'unit', 'wobble', 'nothing'])) {
    case 'database':
      return [{ at: onset, kind: 'users fail', errorRatio: 1, database: true }]
    case 'unit':
      return [
        {
          at: onset,
          kind: 'unit ill',
          unit: `m${draw.between(1, fleet.length)}`,
          errorRatio,
          checks: draw.chance(0.5),
        },
      ]
    case 'wobble':
      return Array.from({ length: 4 }, (_, turn): Happening => {
        const at = onset + turn * draw.between(40, 90) * second
        return turn % 2 === 0 ? { at, kind: 'users fail', errorRatio, database: false } : { at, kind: 'well again' }
      })
    case 'nothing':
      return []
    default: {
      const ratio = draw.pick([0.55, 0.8, 1, errorRatio])
      const bad: Happening = {
        at: onset,
        kind: 'ship bad',
        image: badImage,
        errorRatio: ratio,
        checks: draw.chance(0.2),
      }
      return draw.chance(0.15) ? [bad, { at: draw.between(onset, calmAt), kind: 'ship good' }] : [bad]
    }
  }
}
