import type { Routes } from './routes.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** The runbook's steps 3 and "Escalation Paths", with the numbers of the default policy. */
export const standardRoutes: Routes = {
  severities: {
    P0: {
      steps: [
        { name: 'raise', afterMs: 0, to: ['manager'], reach: 'wake', says: 'Manager is paged' },
        {
          name: 'remind',
          afterMs: 2.5 * minute,
          to: ['manager'],
          reach: 'wake',
          unlessMitigating: true,
          says: 'no acknowledgement: Manager is paged again',
        },
        {
          name: 'escalate',
          afterMs: 5 * minute,
          to: ['engineer', 'manager'],
          reach: 'wake',
          says: 'no acknowledgement: Engineer and Manager are paged',
        },
      ],
      repeat: {
        name: 'repeat',
        everyMs: 10 * minute,
        to: ['engineer', 'manager'],
        reach: 'wake',
        says: 'no acknowledgement: Engineer and Manager are paged again, and every 10 min',
      },
      cannotResolve: { to: ['engineer'] },
      unmitigatedMs: 15 * minute,
    },
    P1: {
      steps: [
        {
          name: 'raise',
          afterMs: 0,
          afterOpeningMs: minute,
          to: ['manager'],
          reach: 'wake',
          channels: 'first',
          says: 'Manager is paged, unless it vanishes or gets worse',
        },
        {
          name: 'escalate',
          afterMs: 15 * minute,
          to: ['engineer'],
          reach: 'wake',
          unlessFlapping: true,
          says: 'no acknowledgement: Engineer is paged',
        },
      ],
      cannotResolve: { to: ['engineer'] },
    },
    P2: {
      steps: [
        {
          name: 'remind',
          afterMs: 2 * hour,
          afterBusinessMs: 2 * hour,
          to: ['manager'],
          reach: 'read',
          says: 'Manager is reminded: a look is due',
        },
      ],
    },
    P3: {
      steps: [
        {
          name: 'digest',
          afterMs: 24 * hour,
          digest: true,
          to: ['manager'],
          reach: 'read',
          says: 'goes into the daily digest',
        },
      ],
    },
  },
  records: [
    { to: 'deployment-log', severities: ['P0', 'P1', 'P2', 'P3'] },
    { to: 'manager-log', severities: ['P0', 'P1'] },
  ],
  refusalGraceMs: 2 * second,
  quietGuards: ['mode', 'hold', 'held', 'noSuspect', 'platform'],
  flapping: { changes: 6, withinMs: 15 * minute, quietMs: 5 * minute },
  desk: {
    gatherMs: 0.5 * second,
    groupOnsetMs: 5 * minute,
    groupQuietMs: 20 * second,
    groupMostMs: 55 * second,
    followMostMs: 90 * second,
    cap: { messages: 10, withinMs: 15 * minute },
    confirmAfterMs: 30 * second,
    fallBackMs: 10 * minute,
    retry: { attempts: 4, baseMs: second, maxMs: 8 * second, budgetMs: 25 * second, maxRetryAfterMs: 10 * second },
    timeoutMs: 10 * second,
    againMs: 20 * second,
    againMostMs: 5 * minute,
  },
}
