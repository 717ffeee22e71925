import { createHash } from 'node:crypto'
import type { Action, ActionState, ApprovalRequested, DeployTarget, IllUnit } from '@firebreak/core'
import { span } from '../plain-text.ts'
import { troubleOnset } from '../trouble.ts'
import { isTooLate, refuse } from './decide-rollback.ts'
import { effectOf } from './options.ts'
import { canRead, isSecurity, mayRecur, modeOf, type Situation } from './situation.ts'

/** What the target can do beyond an update. */
export type Capabilities = Pick<DeployTarget, 'restart' | 'isolate' | 'rejoin' | 'scale'>

/**
 * Remedies for machines, where the release is not to blame: restart one that crashed or hangs, isolate one that answers badly
 * among healthy ones, propose memory. One at a time, each machine once in a while; the next one only after another look.
 */
export function planMachines(situation: Situation, target: Capabilities): readonly Action[] {
  const { incident, severity, suspicion, illness, automation, held } = situation
  if ((severity !== 'P0' && severity !== 'P1') || incident.status !== 'open' || held !== undefined) return []
  if (suspicion?.verdict !== 'not-suspected' || illness === undefined || !canRead(situation) || isSecurity(situation))
    return []
  if (incident.evidence === undefined || incident.impact === undefined) return []
  const answer = (test: string) => suspicion.tests.find((each) => each.test === test)?.answer
  if (answer('otherCause') === 'no') return []
  const scale = proposeMemory(situation, target)
  if (scale.length > 0) return scale
  const remedies = [
    ...(modeOf(situation, automation.isolate[severity]) === 'auto' ? isolate(situation, target) : []),
    ...(modeOf(situation, automation.restart[severity]) === 'auto' ? restart(situation, target) : []),
  ]
  if (answer('measured') === 'yes') return inTurn(situation, remedies)
  // Not measured for long enough yet: announced for when it will be, and looked at again before. Never for "in a moment":
  // a loop that wakes for it finds it a moment away again.
  const measuredAt =
    troubleOnset(incident, automation.suspect.neighbourMs) + (automation.suspect.measuredMs[severity] ?? 0)
  const nextLook = Math.max(measuredAt, situation.lookedAt + automation.suspectEveryMs)
  const announcedFor = nextLook > situation.now ? nextLook : situation.now + automation.suspectEveryMs
  return remedies.slice(0, 1).map((action) => ({ ...action, notBefore: Math.max(action.notBefore ?? 0, announcedFor) }))
}

/** Put back into the pool what was taken out of it: when its time is over, at once when it did not help. Also after the end. */
export function planRejoins({ incident, automation }: Situation): readonly Action[] {
  return [...incident.actions.values()]
    .filter(({ key, finished }) => key.startsWith('isolate/') && finished?.outcome === 'done')
    .flatMap(({ key, finishedAt = 0 }): Action[] => {
      const ended = incident.mitigations.find(({ action }) => action === key)?.outcome
      // Never isolated by us: if it is out of the pool now, a person wants that.
      if (ended === undefined || ended === 'aborted') return []
      const helped = ended === 'verified' || ended === 'partial'
      const at = finishedAt + (helped ? automation.isolateForMs : 0)
      return [
        {
          key: key.replace('isolate/', 'rejoin/'),
          notBefore: at,
          why: helped ? `isolated for ${span(automation.isolateForMs)}` : 'isolating it did not help',
          effect: effectOf({ do: 'rejoin', unit: unitOf(key), at }),
        },
      ]
    })
}

function isolate(situation: Situation, target: Capabilities): readonly Action[] {
  const { illness, automation, now } = situation
  if (target.isolate === undefined || target.rejoin === undefined || illness === undefined) return []
  const { ill, total, since, isolated = 0 } = illness
  if (ill.length === 0 || (ill.length + isolated) / total > automation.isolateShare) return []
  return ill
    .filter((unit) => unit.kind === 'errors' && !unit.lastOfRegion && !recently(situation, 'isolate', unit.unit))
    .map((unit) => ({
      key: keyOf(situation, 'isolate', unit),
      notBefore: Math.max(now, Date.parse(since) + automation.isolateAfterMs),
      why: `${unit.unit} alone is ill: ${unit.why}; the other ${total - ill.length - isolated} are well`,
      effect: effectOf({ do: 'isolate', unit: unit.unit, at: now }),
      charge: situation.view.service.stream,
      leaseMs: 60_000,
    }))
}

function restart(situation: Situation, target: Capabilities): readonly Action[] {
  const { illness, now } = situation
  if (target.restart === undefined || illness === undefined) return []
  return illness.ill
    .filter((unit) => unit.kind !== 'errors' && !recently(situation, 'restart', unit.unit))
    .map((unit) => ({
      key: keyOf(situation, 'restart', unit),
      why: `${unit.unit}: ${unit.why}`,
      effect: effectOf({ do: 'restart', unit: unit.unit, at: now }),
      charge: situation.view.service.stream,
      leaseMs: 60_000,
    }))
}

/** One at a time, and after each one the world is looked at first. */
function inTurn({ incident, lookedAt }: Situation, remedies: readonly Action[]): readonly Action[] {
  const done = [...incident.actions.values()].filter(({ key }) => /^(isolate|restart)\//.test(key))
  const again = done.find((action) => action.finished === undefined || mayRecur(action))
  if (again !== undefined) return remedies.filter(({ key }) => key === again.key)
  const last = Math.max(0, ...done.map(({ finishedAt }) => finishedAt ?? 0))
  return last >= lookedAt ? [] : remedies.slice(0, 1)
}

/** Machines that run out of memory are not cured by restarts: a person decides on more of it. */
function proposeMemory(situation: Situation, target: Capabilities): readonly Action[] {
  const { incident, automation, severity, illness, now } = situation
  const short = [...incident.signals.values()].some(
    ({ signal }) =>
      signal.status === 'firing' &&
      signal.symptoms.some(
        (symptom) =>
          (symptom.kind === 'crash' && symptom.oom) || (symptom.kind === 'capacity' && symptom.resource === 'memory'),
      ),
  )
  const tried =
    illness?.ill.every(({ unit, kind }) => kind === 'errors' || recently(situation, 'restart', unit)) === true
  if (!short || (!tried && target.restart !== undefined)) return []
  const action = 'scale/memory'
  const asked = [...incident.approvals.values()].filter(
    (approval) => approval.action === action && approval.at >= situation.roundStart,
  )
  const granted = asked.find((approval) => approval.decision === 'granted' && !isTooLate(approval, now))
  const allowed = severity === null ? 'off' : modeOf(situation, automation.scale[severity])
  if (allowed === 'off' || allowed === 'shadow') return []
  if (target.scale === undefined)
    return [
      refuse(situation, `${action}/refused/${situation.round}`, {
        guard: 'mode',
        action,
        observed: 'machines run out of memory, and the target cannot be scaled from here',
        needed: 'a person',
        next: `fly scale memory <twice as much> -a ${incident.service}`,
      }),
    ]
  if (granted !== undefined)
    return [
      {
        key: `${action}/${granted.approval}`,
        why: `approved by ${granted.by ?? 'a person'}`,
        effect: effectOf({ do: 'scale', action, memoryFactor: 2 }),
        leaseMs: 60_000,
      },
    ]
  if (asked.length > 0) return []
  const proposal = { memoryFactor: 2 }
  const data: ApprovalRequested = {
    service: incident.service,
    approval: `${incident.code}-scale-memory-${situation.round}`,
    action,
    digest: createHash('sha256')
      .update(JSON.stringify([incident.service, action, proposal]))
      .digest('hex'),
    why: 'machines run out of memory; restarts do not cure that: twice as much for each',
    expiresAt: new Date(now + automation.approvalMs).toISOString(),
    plan: proposal,
  }
  return [
    {
      key: `${action}/ask/${situation.round}`,
      why: data.why,
      record: { events: [{ type: 'approval.requested', actor: 'mitigator', data }] },
    },
  ]
}

/** Has this been done to this machine lately, in this incident or another? */
function recently({ incident, view, automation, now }: Situation, kind: 'restart' | 'isolate', unit: string): boolean {
  const since = now - automation.restartEveryMs
  const prefix = `${kind}/${unit}/`
  const here = [...incident.actions.values()].some(
    (action) => action.key.startsWith(prefix) && action.startedAt > since && isOver(action) && !didNothing(action),
  )
  /** Found it well, and left it alone. */
  function didNothing({ key, finished }: ActionState): boolean {
    return finished?.outcome === 'done' && incident.mitigations.every(({ action }) => action !== key)
  }
  const before = view.service.charges.some(
    ({ action, at, incident: stream }) => action.startsWith(prefix) && at > since && stream !== incident.stream,
  )
  return here || before
}

function keyOf({ incident }: Situation, kind: 'restart' | 'isolate', { unit }: IllUnit): string {
  const prefix = `${kind}/${unit}/`
  const over = [...incident.actions.values()].filter((action) => action.key.startsWith(prefix) && isOver(action))
  return `${prefix}${over.length + 1}`
}

function isOver(action: ActionState): boolean {
  return action.finished !== undefined && !mayRecur(action)
}

function unitOf(key: string): string {
  return key.slice(key.indexOf('/') + 1, key.lastIndexOf('/'))
}
