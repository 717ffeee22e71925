import { expect, test } from 'vitest'
import type { Action, ActionState } from '@firebreak/core'
import { agendaOf } from './agenda.ts'

const now = 1_000_000
const idle = { now, performing: () => false, gone: () => false }
const effect = (key: string, more: Partial<Action> = {}) => ({
  part: 'caller',
  action: { key, why: 'must', effect: 'planned', ...more } as Action,
})
const claimed = (more: Partial<ActionState> = {}): Map<string, ActionState> =>
  new Map([
    [
      'call',
      {
        key: 'call',
        part: 'caller',
        attempt: 1,
        owner: 'other',
        deadlineAt: now + 5_000,
        startedAt: now - 1_000,
        effect: 'recorded',
        why: 'must',
        idempotencyKey: 'key-1',
        ...more,
      },
    ],
  ])

test('what is wanted now is claimed, what is wanted later sets the time of the next look', () => {
  const agenda = agendaOf(new Map(), [effect('call'), effect('later', { notBefore: now + 700 })], idle)
  expect(agenda.claims.map(({ action, attempt, takeover }) => [action.key, attempt, takeover])).toEqual([
    ['call', 1, false],
  ])
  expect(agenda.nextAt).toBe(now + 700)
})

test('a live claim of another owner is left alone until its deadline', () => {
  const agenda = agendaOf(claimed(), [effect('call')], idle)
  expect(agenda.claims).toEqual([])
  expect(agenda.nextAt).toBe(now + 5_000)
})

test('a claim past its deadline is taken over with the recorded effect and key, whatever the plan says now', () => {
  const [claim] = agendaOf(claimed({ deadlineAt: now }), [], idle).claims
  expect(claim).toMatchObject({ attempt: 2, takeover: true, idempotencyKey: 'key-1', action: { effect: 'recorded' } })
})

test('a claim of an owner that is known to be dead is taken over at once', () => {
  const { claims } = agendaOf(claimed(), [effect('call')], { ...idle, gone: (owner) => owner === 'other' })
  expect(claims).toHaveLength(1)
})

test('a finished key is never performed again, but a retry and a released one are', () => {
  const finished = (outcome: 'done' | 'failed' | 'uncertain' | 'refused' | 'retry' | 'released') =>
    agendaOf(claimed({ finished: { key: 'call', attempt: 1, outcome } }), [effect('call')], idle).claims.length
  expect((['done', 'failed', 'uncertain', 'refused'] as const).map(finished)).toEqual([0, 0, 0, 0])
  expect((['retry', 'released'] as const).map(finished)).toEqual([1, 1])
})

test('a retry waits for its time, keeps its key, and looks before it repeats', () => {
  const retry = claimed({ finished: { key: 'call', attempt: 1, outcome: 'retry' }, retryAt: now + 300 })
  expect(agendaOf(retry, [effect('call')], idle)).toMatchObject({ claims: [], nextAt: now + 300 })
  const [claim] = agendaOf(retry, [effect('call')], { ...idle, now: now + 300 }).claims
  expect(claim).toMatchObject({ attempt: 2, takeover: true, idempotencyKey: 'key-1', action: { effect: 'recorded' } })
})

test('what this process performs at this moment is not claimed again', () => {
  const { claims } = agendaOf(claimed({ deadlineAt: now }), [effect('call')], { ...idle, performing: () => true })
  expect(claims).toEqual([])
})

test('of two actions with one key the first counts', () => {
  const { claims } = agendaOf(new Map(), [effect('call'), effect('call')], idle)
  expect(claims).toHaveLength(1)
})
