import type { MemoryFault } from '@firebreak/rollback/testing'
import type { Draw } from './draw.ts'
import type { ChannelTrouble, CrashPoint, Happening, Network } from './story.ts'

const second = 1_000

export interface FaultSetting {
  readonly instances: number
  readonly secondPhone: boolean
  /** A time before the calm. */
  readonly during: () => number
}

/** What breaks in us, and in what we stand on. */
export function faultOf(draw: Draw, { instances, secondPhone, during }: FaultSetting): Happening {
  const at = during()
  const who = draw.between(0, instances - 1)
  const restartMs = draw.between(3, 60) * second
  switch (draw.between(0, 9)) {
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
      return {
        at,
        kind: 'log refuses',
        forMs: draw.between(2, 60) * second,
        after: draw.chance(0.4),
        reads: draw.chance(0.2),
      }
    case 5: {
      const channel = draw.pick(['sms-manager', 'slack-manager', 'sms-engineer', 'deployment-log'])
      const told = ['slow', 'hangs', 'throttled', 'transient', 'ambiguous', 'denies'] as const
      // A page that nobody can know to be lost is lost: it needs a second telephone.
      const maySwallow = secondPhone && channel === 'sms-manager'
      const trouble = maySwallow && draw.chance(0.3) ? 'swallows' : draw.pick<ChannelTrouble>(told)
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
    case 8: {
      const from = draw.pick<Network>(['platform', 'channels', 'log', 'log'])
      return { at, kind: 'cut off', who, from, forMs: draw.between(5, 60) * second, after: draw.chance(0.5) }
    }
    default:
      return { at, kind: 'clock jump', byMs: (draw.chance(0.3) ? -1 : 1) * draw.between(1, 20) * second }
  }
}

/** What people do. */
export function deedOf(draw: Draw, onset: number, calmAt: number): Happening {
  const at = draw.between(onset, calmAt)
  switch (draw.between(0, 8)) {
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
    case 6:
      return { at, kind: 'resolve' }
    default:
      return { at, kind: 'hold', forMs: draw.between(20, 240) * second, everything: draw.chance(0.3) }
  }
}
