import type { FleetUnit, Story } from './story.ts'

const three: readonly FleetUnit[] = [
  { id: 'm1', region: 'iad' },
  { id: 'm2', region: 'iad' },
  { id: 'm3', region: 'ord' },
]

/** Nights that once broke a rule, kept as they were drawn then: a seed is another night as soon as stories are drawn otherwise. */
export const foundStories: Readonly<Record<string, Story>> = {
  'a hold on everything, placed through another responder, was not read before the first write': {
    seed: 110,
    instances: 3,
    watching: [true, true, true],
    tightCap: true,
    calmAt: 455000,
    fleet: three,
    secondPhone: false,
    happenings: [
      { at: 95000, kind: 'ship bad', errorRatio: 1, checks: false, image: 'shop:bad' },
      { at: 116000, kind: 'target', fault: { on: 'isolate', kind: 'slow', times: 2, delayMs: 10000 } },
      { at: 183381, kind: 'hold', forMs: 157000, everything: true },
      { at: 254000, kind: 'target', fault: { on: 'update', kind: 'throttled', times: 2, delayMs: 19000 } },
    ],
  },
  'a responder raised again what another had just lowered': {
    seed: 1216,
    instances: 3,
    watching: [true, false, true],
    tightCap: false,
    calmAt: 448000,
    fleet: three,
    secondPhone: false,
    happenings: [
      { at: 88000, kind: 'users fail', errorRatio: 1, database: true },
      { at: 121060, kind: 'escalate' },
      { at: 350864, kind: 'approve' },
      { at: 392433, kind: 'hold', forMs: 237000, everything: false },
    ],
  },
  'two responders that saw different things argued about the level': {
    seed: 6,
    instances: 3,
    watching: [true, true, false],
    tightCap: false,
    calmAt: 780000,
    fleet: three,
    secondPhone: false,
    happenings: [
      { at: 60000, kind: 'ship bad', errorRatio: 0.55, checks: false, image: 'shop:bad' },
      { at: 202000, kind: 'clock jump', byMs: 14000 },
      { at: 351555, kind: 'deny' },
      { at: 361000, kind: 'clock jump', byMs: 19000 },
      { at: 476377, kind: 'hold', forMs: 146000, everything: false },
      { at: 573748, kind: 'deny' },
      { at: 709000, kind: 'crash point', who: 2, point: 'after write', nth: 1, sleepMs: 54000, restartMs: 57000 },
    ],
  },
}
