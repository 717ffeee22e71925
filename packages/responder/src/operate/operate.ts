import { createId, InvalidInput, severities, type Incident, type NewEvent, type Severity } from '@firebreak/core'
import type { Committer } from '../loop/commit.ts'
import type { House } from '../loop/house.ts'
import type { Streams } from '../loop/streams.ts'
import { checkEnd, checkName, checkSaid, checkServiceName } from './check-words.ts'
import { findIncident, OperateError } from './find.ts'

/** Who does it, as the log will say: 'mia', 'manager', 'sms:+49…'. */
export interface By {
  readonly by: string
}

export interface Acknowledgement extends By {
  /** The role that takes it on, for the record. Absent: whoever `by` is has it. */
  readonly role?: string | undefined
  readonly via?: string | undefined
}

export interface HoldRequest extends By {
  /** Absent: every service. */
  readonly service?: string | undefined
  /** RFC 3339; absent: until released. */
  readonly until?: string | undefined
  readonly reason: string
}

export interface SilenceRequest extends By {
  readonly service: string
  /** One signal's key; absent: all of the service. */
  readonly key?: string | undefined
  /** RFC 3339, at most 24 h from now: paging fails open. */
  readonly until: string
  readonly reason: string
}

/** What people can do. Every call is recorded before it resolves. */
export interface Operations {
  acknowledge(id: string, options: Acknowledgement): Promise<Readonly<Incident>>
  resolve(id: string, options: By & { why: string }): Promise<Readonly<Incident>>
  note(id: string, options: By & { text: string }): Promise<Readonly<Incident>>
  /** The level is never below it from now on, and may be above; `null` lets it follow the facts alone again. A raise above a pin still pages. */
  pin(id: string, options: By & { severity: Severity | null; reason?: string | undefined }): Promise<Readonly<Incident>>
  approve(id: string, options: By & { approval: string; digest: string }): Promise<Readonly<Incident>>
  deny(
    id: string,
    options: By & { approval: string; digest?: string | undefined; reason?: string | undefined },
  ): Promise<Readonly<Incident>>
  escalate(id: string, options: By & { to?: string | undefined; why: string }): Promise<Readonly<Incident>>
  /** Stops acting, never paging. Gives the hold's id. */
  hold(options: HoldRequest): Promise<string>
  release(hold: string, options: By & { service?: string | undefined }): Promise<void>
  /** What it names raises no level until its end; whoever was paged before stays paged. Gives the silence's id. */
  silence(options: SilenceRequest): Promise<string>
  /**
   * Lifts a silence before its end: what still fires is judged then. `service` is the one that is silenced; without it only those that
   * this responder follows are searched. Rejects with `UNKNOWN_SILENCE`, and lifts nothing, where there is none by that id: it was
   * lifted before, another has taken its place, or the service is another one.
   */
  unsilence(silence: string, options: By & { service?: string | undefined }): Promise<void>
}

/** An acknowledgement without note or action lapses, in milliseconds. */
const lapseMs: Record<Severity, number> = { P0: 30 * 60_000, P1: 120 * 60_000, P2: 24 * 3_600_000, P3: 24 * 3_600_000 }
const longestSilenceMs = 24 * 3_600_000

export interface OperateOptions {
  readonly house: House
  readonly streams: Streams
  readonly committer: Committer
  readonly acknowledgementLapsesAfterMs?: Partial<Record<Severity, number>> | undefined
}

export function createOperations({
  house,
  streams,
  committer,
  acknowledgementLapsesAfterMs,
}: OperateOptions): Operations {
  const { clock, random, log } = house

  async function write(id: string, by: string, decide: (incident: Readonly<Incident>) => Omit<NewEvent, 'actor'>[]) {
    checkName(by, 'by')
    const found = await findIncident(log, streams, id)
    let { state } = found
    await found.mailbox.run('claim', () =>
      committer.commit(found, (incident) => {
        state = incident
        const events = decide(incident).map((event): NewEvent => ({ ...event, actor: `person:${by}` }))
        return events.length === 0 ? undefined : { events }
      }),
    )
    return state
  }

  function decision(type: 'approval.granted' | 'approval.denied') {
    return (
      id: string,
      {
        by,
        approval,
        digest,
        reason,
      }: By & { approval: string; digest?: string | undefined; reason?: string | undefined },
    ) =>
      write(id, by, (incident) => {
        const asked = incident.approvals.get(approval)
        if (asked === undefined)
          throw new OperateError(
            'UNKNOWN_APPROVAL',
            `incident ${incident.code} asked for no approval ${approval.slice(0, 80)}`,
          )
        if (asked.decision !== undefined || Date.parse(asked.expiresAt) <= clock.now())
          throw new OperateError(
            'APPROVAL_USED',
            `approval ${approval} was ${asked.decision ?? 'expired'} already: approve the newest one`,
          )
        if (digest !== undefined && digest !== asked.digest)
          throw new OperateError(
            'PLAN_CHANGED',
            `the plan is ${asked.digest} now, not ${digest}: look at it again, then approve that one`,
          )
        const data = {
          service: incident.service,
          approval,
          digest: asked.digest,
          by,
          ...(reason === undefined ? {} : { reason }),
        }
        return [{ type, data }]
      })
  }

  return {
    acknowledge: (id, { by, role, via }) =>
      write(id, by, (incident) => {
        refuseResolved(incident)
        const severity = incident.severity ?? incident.worst ?? 'P3'
        const lapses = acknowledgementLapsesAfterMs?.[severity] ?? lapseMs[severity]
        const until = new Date(clock.now() + lapses).toISOString()
        const data = {
          service: incident.service,
          by,
          severity,
          until,
          ...(role ? { role } : {}),
          ...(via ? { via } : {}),
        }
        return [{ type: 'incident.acknowledged', data }]
      }),
    resolve: (id, { by, why }) =>
      write(id, by, (incident) => {
        checkSaid(why, 'why')
        refuseResolved(incident)
        return [{ type: 'incident.resolved', data: { service: incident.service, by, why } }]
      }),
    note: (id, { by, text }) =>
      write(id, by, ({ service }) => {
        checkSaid(text, 'text')
        return [{ type: 'note.added', data: { service, by, text: text.slice(0, 10_000) } }]
      }),
    pin: (id, { by, severity, reason }) =>
      write(id, by, (incident) => {
        if (severity !== null && !severities.includes(severity))
          throw new InvalidInput('severity', `must be one of ${severities.join(', ')}, or null`)
        refuseResolved(incident)
        const data = { service: incident.service, severity, by, ...(reason === undefined ? {} : { reason }) }
        return [{ type: 'severity.pinned', data }]
      }),
    approve: decision('approval.granted'),
    deny: decision('approval.denied'),
    escalate: (id, { by, to = 'engineer', why }) =>
      write(id, by, (incident) => {
        checkName(to, 'to')
        checkSaid(why, 'why')
        refuseResolved(incident)
        // Help is asked for after what was acknowledged before it, whatever the clocks say: that does not cover it.
        const at = Math.max(clock.now(), (incident.acknowledgement?.at ?? 0) + 1)
        const data = { service: incident.service, to, why, by }
        return [{ type: 'incident.escalated', at: new Date(at).toISOString(), data }]
      }),
    async hold({ by, service, until, reason }) {
      checkName(by, 'by')
      checkSaid(reason, 'reason')
      if (service !== undefined) checkServiceName(service)
      if (until !== undefined) checkEnd(until, clock.now())
      const hold = createId(clock, random)
      const followed = await streams.service(service ?? '*')
      const data = { hold, reason, by, ...(service ? { service } : {}), ...(until ? { until } : {}) }
      await followed.mailbox.run('claim', () =>
        committer.commit(followed, () => ({ events: [{ type: 'hold.placed', actor: `person:${by}`, data }] })),
      )
      return hold
    },
    async release(hold, { by, service }) {
      checkName(by, 'by')
      if (service !== undefined) checkServiceName(service)
      const followed = await streams.service(service ?? (await holder(streams, hold)))
      const data = { hold, by, ...(service ? { service } : {}) }
      await followed.mailbox.run('claim', () =>
        committer.commit(followed, (record) => {
          if (!record.holds.has(hold))
            throw new OperateError(
              'UNKNOWN_HOLD',
              `${record.service} has no hold ${hold.slice(0, 80)}, and nothing was released: name the service that is on hold`,
            )
          return { events: [{ type: 'hold.released', actor: `person:${by}`, data }] }
        }),
      )
    },
    async silence({ by, service, key, until, reason }) {
      checkName(by, 'by')
      checkSaid(reason, 'reason')
      checkServiceName(service)
      checkEnd(until, clock.now())
      const latest = clock.now() + longestSilenceMs
      const end = new Date(Math.min(Date.parse(until), latest)).toISOString()
      const silence = createId(clock, random)
      const followed = await streams.service(service)
      const data = { service, silence, until: end, by, reason, ...(key ? { key } : {}) }
      await followed.mailbox.run('claim', () =>
        committer.commit(followed, () => ({ events: [{ type: 'silence.placed', actor: `person:${by}`, data }] })),
      )
      return silence
    },
    async unsilence(silence, { by, service }) {
      checkName(by, 'by')
      if (service !== undefined) checkServiceName(service)
      const silenced = service ?? silencedBy(streams, silence)
      const followed = await streams.service(silenced)
      await followed.mailbox.run('claim', () =>
        committer.commit(followed, (record) => {
          if (!Array.from(record.silences.values()).some((it) => it.silence === silence))
            throw noSilence(silenced, silence)
          const data = { service: silenced, silence, by }
          return { events: [{ type: 'silence.lifted', actor: `person:${by}`, data }] }
        }),
      )
    },
  }
}

function silencedBy(streams: Streams, silence: string): string {
  for (const { state } of streams.all())
    if (state.kind === 'service' && Array.from(state.silences.values()).some((it) => it.silence === silence))
      return state.service
  throw noSilence('what is followed here', silence)
}

function noSilence(where: string, silence: string): OperateError {
  return new OperateError(
    'UNKNOWN_SILENCE',
    `${where} has no silence ${silence.slice(0, 80)}, and nothing was lifted: name the service that is silenced`,
  )
}

async function holder(streams: Streams, hold: string): Promise<string> {
  for (const { state } of streams.all()) if (state.kind === 'service' && state.holds.has(hold)) return state.service
  return '*'
}

function refuseResolved(incident: Readonly<Incident>): void {
  if (incident.status === 'resolved')
    throw new OperateError(
      'INCIDENT_RESOLVED',
      `incident ${incident.code} was resolved; if it is ill again, its signals reopen it`,
    )
}
