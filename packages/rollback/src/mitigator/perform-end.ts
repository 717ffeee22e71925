import {
  FirebreakError,
  type MitigationFinished,
  type NewEvent,
  type Outcome,
  type PerformContext,
  type ReleaseQuarantined,
} from '@firebreak/core'
import type { Automation } from '../automation.ts'
import { imageBook } from '../images.ts'
import { newestFirst } from '../release-history.ts'
import { findRecorded, recordRollback } from '../release-record.ts'
import { verifyRollback } from '../verify-rollback.ts'
import type { Effect, MitigatorOptions } from './options.ts'
import { settled } from './settled.ts'
import { documentOf } from './situation.ts'

/** Tells the platform's history what runs, and the service's memory what must never run again. */
export async function performRecord(
  { target }: MitigatorOptions,
  effect: Extract<Effect, { do: 'record' }>,
  context: PerformContext,
): Promise<Outcome> {
  const { subject, signal, idempotencyKey } = context
  const { service, stream } = subject
  const plan = documentOf(subject)?.plan
  if (plan === undefined || plan.digest !== effect.digest) return { events: [] }
  if (target.recordRelease !== undefined) {
    const book = imageBook(newestFirst(await target.releases({ signal })), [])
    const known = await findRecorded(target, plan, book, signal, ['running', effect.status])
    const changed = [...subject.units.values()].some(({ outcome }) => outcome === 'updated')
    if (known?.status !== effect.status && (known !== undefined || changed)) {
      const { note } = await recordRollback(target, plan, effect.status, known, { signal, idempotencyKey })
      // Worth a second try; not worth an incident that never ends.
      if (note !== undefined && context.attempt < 3) throw new FirebreakError({ code: 'NOT_RECORDED', message: note })
    }
  }
  if (effect.status !== 'complete') return { events: [] }
  const { from } = plan
  const data: ReleaseQuarantined = {
    service,
    version: from.version,
    image: from.image,
    ...(from.digest === undefined ? {} : { digest: from.digest }),
    reason: `left by the rollback of incident ${subject.code}`,
    incident: stream,
  }
  const event = { type: 'release.quarantined', actor: 'mitigator', data } as const
  return {
    events: [event],
    tell: [{ to: `service/${service}`, event: { ...event, id: `${stream}/${effect.base}/quarantined` } }],
  }
}

/** Asks the machines and the users' figures: only then it is a mitigation. */
export async function performVerify(
  { target, health }: MitigatorOptions,
  automation: Automation,
  effect: Extract<Effect, { do: 'verify' }>,
  context: PerformContext,
): Promise<Outcome> {
  const { subject, clock, signal } = context
  const { service } = subject
  const plan = documentOf(subject)?.plan
  if (plan === undefined || plan.digest !== effect.digest) return { events: [] }
  const book = imageBook(newestFirst(await target.releases({ signal })), [])
  const { status, why, figures } = await verifyRollback({
    target,
    units: plan.units.map(({ id }) => id),
    release: plan.release,
    book,
    health,
    since: effect.since,
    numbers: automation.judge,
    clock,
    signal,
  })
  const data: MitigationFinished = { service, action: effect.base, outcome: status, why }
  const finished: NewEvent = { type: 'mitigation.finished', actor: 'mitigator', data }
  if (status !== 'verified')
    return {
      events: [
        { type: 'rollback.failed', actor: 'mitigator', data: { service, plan: plan.id, status, why } },
        finished,
      ],
      tell: settled(subject, effect.base),
    }
  const { errorRatio = null, requests = null, p95Ms = null } = figures ?? {}
  const named = ({ version, image }: { version: number; image: string }) => ({ version, image })
  return {
    events: [
      {
        type: 'rollback.verified',
        actor: 'mitigator',
        data: { service, plan: plan.id, from: named(plan.from), to: named(plan.to), errorRatio, requests, p95Ms },
      },
      {
        type: 'incident.mitigated',
        actor: 'mitigator',
        data: { service, how: `rolled back to the image of v${plan.to.version}: ${why}`, action: effect.base },
      },
      finished,
    ],
    tell: settled(subject, effect.base),
  }
}
