import * as z from 'zod'
import { createMapper } from './alert-mapping.ts'
import { alertSignal } from './alert-signal.ts'
import { optionalTime } from './fields.ts'
import { defaultWindowMs, refuseStale } from './freshness.ts'
import { createIntake, type Intake, type SignedIntakeOptions } from './intake.ts'
import { IntakeRefused } from './intake-refused.ts'
import { readLimits } from './limits.ts'
import { parseBody } from './parse-body.ts'
import { parseWith } from './parse-with.ts'
import { cleanAlerts, type RawAlert } from './raw-alert.ts'
import { anyEqual, hexSignature, hmacSha256, readSecrets, type Secrets } from './signature.ts'

export interface PagerdutyIntakeOptions extends SignedIntakeOptions {
  /** The webhook subscription's signing secret; several while it is being rotated. */
  readonly secret: Secrets | undefined
}

const source = 'pagerduty'
const header = 'x-pagerduty-signature'
/** PagerDuty repeats a delivery that we did not take for so long. */
const repeatedForMs = 48 * 60 * 60_000

const optional = z.string().nullish()
const reference = z.object({ summary: optional, id: optional }).nullish()
const bodySchema = z.object({
  event: z.object({
    id: z.string().min(1).max(200),
    event_type: z.string().max(200),
    occurred_at: z.string(),
    data: z.object({
      id: optional,
      title: optional,
      summary: optional,
      html_url: optional,
      urgency: optional,
      number: z.number().nullish(),
      priority: reference,
      service: reference,
    }),
  }),
})
type Event = z.infer<typeof bodySchema>['event']

/** The incident's state by what happened to it; anything else (notes, responders, pings) says nothing new. */
const statuses: Readonly<Record<string, RawAlert['status']>> = {
  'incident.triggered': 'firing',
  'incident.reopened': 'firing',
  'incident.unacknowledged': 'firing',
  'incident.escalated': 'firing',
  'incident.priority_updated': 'firing',
  'incident.resolved': 'resolved',
}

/** PagerDuty's webhooks (version 3): one signal an incident, keyed by its id. What says nothing new gives no signals. */
export function pagerdutyIntake(options: PagerdutyIntakeOptions): Intake {
  const secrets = readSecrets(options.secret, 'secret', 'pagerdutyIntake')
  const mapper = createMapper(options)
  const limits = readLimits(options.limits)
  return createIntake(source, options, ({ headers, bytes, now }) => {
    const given = signaturesIn(headers.get(header) ?? '')
    if (
      !anyEqual(
        given,
        secrets.map((secret) => hmacSha256(secret, bytes)),
      )
    )
      throw new IntakeRefused('SIGNATURE_WRONG', header, 'is not that of this body: check the secret on both sides')
    const { event } = parseWith(bodySchema, parseBody(bytes, limits))
    const at = optionalTime(event.occurred_at, 'event.occurred_at') ?? now
    refuseStale('event.occurred_at', at, now, repeatedForMs, defaultWindowMs)
    const signals = cleanAlerts(source, alertsOf(event, at), mapper.own).flatMap(
      (alert) => alertSignal(alert, mapper, { now, delivery: event.id }) ?? [],
    )
    return { signals, delivery: { id: event.id, expiresAt: at + repeatedForMs + defaultWindowMs } }
  })
}

/** `v1=<hex>,v1=<hex>`; versions that we do not know are skipped. */
function signaturesIn(text: string): readonly Buffer[] {
  return text
    .split(',', 20)
    .flatMap((part) => (part.trim().startsWith('v1=') ? hexSignature(part.trim().slice(3)) : []))
}

function alertsOf({ event_type, data }: Event, at: number): readonly RawAlert[] {
  const status = statuses[event_type]
  if (status === undefined || !data.id) return []
  const title = data.title || data.summary || `PagerDuty incident ${data.id}`
  const labels = [
    ...labelled('service', data.service?.summary),
    ...labelled('urgency', data.urgency),
    ...labelled('number', data.number?.toString()),
  ]
  return [
    {
      name: title,
      status,
      labels,
      annotations: [],
      fingerprint: data.id,
      level: data.priority?.summary || urgencies[data.urgency ?? ''],
      startsAt: at,
      endsAt: status === 'resolved' ? at : undefined,
      links: [{ title: 'PagerDuty', url: data.html_url ?? undefined }],
    },
  ]
}

/** Without a priority PagerDuty knows only two urgencies: one wakes, one does not. */
const urgencies: Readonly<Record<string, string>> = { high: 'p1', low: 'p3' }

function labelled(name: string, value: string | null | undefined): string[] {
  return value ? [name, value] : []
}
