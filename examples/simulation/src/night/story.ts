import type { MemoryFault } from '@firebreak/rollback/testing'
import { createDraw, type Draw } from './draw.ts'

/** Where a process may die or fall asleep, between two steps of its work. */
export type CrashPoint =
  | 'before append'
  | 'after append'
  | 'before write'
  | 'after write'
  | 'before send'
  | 'after send'

/** How a channel answers for a while. `ambiguous`: it delivers, and says that it may not have. */
export type ChannelTrouble = 'slow' | 'throttled' | 'transient' | 'ambiguous'

/** One thing that happens at a time, in milliseconds from the start of the night. */
export type Happening = { readonly at: number } & (
  | { readonly kind: 'ship bad'; readonly errorRatio: number; readonly checks: boolean }
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
  | { readonly kind: 'log refuses'; readonly forMs: number; readonly after: boolean }
  | { readonly kind: 'channel'; readonly channel: string; readonly trouble: ChannelTrouble; readonly forMs: number }
  | { readonly kind: 'target'; readonly fault: MemoryFault }
  | { readonly kind: 'silent revert'; readonly times: number }
  | { readonly kind: 'clock jump'; readonly byMs: number }
  | { readonly kind: 'hold'; readonly forMs: number; readonly everything: boolean }
  | { readonly kind: 'acknowledge' | 'approve' | 'deny' | 'note' | 'escalate' }
)

/** A night, drawn from its seed. Data only: what becomes of it is the responder's business. */
export interface Story {
  readonly seed: number
  readonly instances: number
  /** Which instances look at the service. */
  readonly watching: readonly boolean[]
  /** How far each instance's clock is off, in milliseconds. */
  readonly skews: readonly number[]
  /** A cap so tight that it bites. */
  readonly tightCap: boolean
  readonly happenings: readonly Happening[]
  /** When the last fault ends and a person mends the service. */
  readonly calmAt: number
}

const second = 1_000
const minute = 60 * second

export function drawStory(seed: number): Story {
  const draw = createDraw(seed)
  const instances = draw.pick([1, 1, 2, 2, 3])
  const onset = draw.between(45, 120) * second
  const calmAt = onset + draw.between(5, 12) * minute
  const during = () => draw.between(0, Math.floor((calmAt - 30 * second) / second)) * second
  const happenings = [
    ...troubleOf(draw, onset, calmAt),
    ...Array.from({ length: draw.between(0, 5) }, () => faultOf(draw, instances, during)),
    ...Array.from({ length: draw.between(0, 3) }, () => deedOf(draw, onset, calmAt)),
  ]
  return {
    seed,
    instances,
    watching: Array.from({ length: instances }, (_, index) => index === 0 || draw.chance(0.3)),
    skews: Array.from({ length: instances }, () => 0),
    tightCap: draw.chance(0.2),
    happenings: happenings.toSorted((one, other) => one.at - other.at),
    calmAt,
  }
}

/** What is wrong with the service. */
function troubleOf(draw: Draw, onset: number, calmAt: number): Happening[] {
  const errorRatio = draw.pick([0.06, 0.2, 0.5, 0.55, 0.8, 1])
  switch (draw.pick(['release', 'release', 'release', 'database', 'unit', 'wobble', 'nothing'])) {
    case 'database':
      return [{ at: onset, kind: 'users fail', errorRatio: 1, database: true }]
    case 'unit':
      return [
        { at: onset, kind: 'unit ill', unit: draw.pick(['m1', 'm2', 'm3']), errorRatio, checks: draw.chance(0.5) },
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
      const bad: Happening = { at: onset, kind: 'ship bad', errorRatio: ratio, checks: draw.chance(0.2) }
      return draw.chance(0.15) ? [bad, { at: draw.between(onset, calmAt), kind: 'ship good' }] : [bad]
    }
  }
}

function faultOf(draw: Draw, instances: number, during: () => number): Happening {
  const at = during()
  const who = draw.between(0, instances - 1)
  const restartMs = draw.between(3, 60) * second
  switch (draw.between(0, 8)) {
    case 0:
      return { at, kind: 'crash', who, restartMs, silent: draw.chance(0.3) }
    case 1:
    case 2: {
      const point = draw.pick<CrashPoint>([
        'before append',
        'after append',
        'before write',
        'after write',
        'after write',
        'before send',
        'after send',
      ])
      const sleepMs = draw.chance(0.5) ? draw.between(40, 90) * second : 0
      return { at, kind: 'crash point', who, point, nth: draw.between(1, 3), sleepMs, restartMs }
    }
    case 3:
      return { at, kind: 'zombie', who, sleepMs: draw.between(40, 90) * second }
    case 4:
      return { at, kind: 'log refuses', forMs: draw.between(2, 60) * second, after: draw.chance(0.4) }
    case 5: {
      const channel = draw.pick(['sms-manager', 'slack-manager', 'sms-engineer', 'deployment-log'])
      const trouble = draw.pick<ChannelTrouble>(['slow', 'throttled', 'transient', 'ambiguous'])
      return { at, kind: 'channel', channel, trouble, forMs: draw.between(10, 180) * second }
    }
    case 6: {
      const kind = draw.pick<MemoryFault['kind']>(['droppedBefore', 'droppedAfter', 'raced', 'slow', 'throttled'])
      const on = draw.pick<MemoryFault['on']>([
        'update',
        'update',
        'settle',
        'observe',
        'restart',
        'isolate',
        'recordRelease',
        'lock',
      ])
      return {
        at,
        kind: 'target',
        fault: { on, kind, times: draw.between(1, 2), delayMs: draw.between(2, 20) * second },
      }
    }
    case 7:
      return { at, kind: 'silent revert', times: draw.between(1, 2) }
    default:
      return { at, kind: 'clock jump', byMs: draw.between(1, 20) * second }
  }
}

/** What people do. */
function deedOf(draw: Draw, onset: number, calmAt: number): Happening {
  const at = draw.between(onset, calmAt)
  switch (draw.between(0, 7)) {
    case 0:
    case 1:
      return { at, kind: 'acknowledge' }
    case 2:
    case 3:
      return { at, kind: 'approve' }
    case 4:
      return { at, kind: 'deny' }
    case 5:
      return { at, kind: draw.chance(0.5) ? 'note' : 'escalate' }
    default:
      return { at, kind: 'hold', forMs: draw.between(20, 240) * second, everything: draw.chance(0.3) }
  }
}
