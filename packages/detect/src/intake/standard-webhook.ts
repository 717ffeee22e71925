import { InvalidInput } from '@firebreak/core'
import { checkSymptoms } from '../symptom-check.ts'
import { createMapper } from './alert-mapping.ts'
import { alertSignal } from './alert-signal.ts'
import { entriesOf, fieldsOf, optionalText, optionalTime, readEach, type Fields } from './fields.ts'
import { createIntake, type Intake, type SignedIntakeOptions } from './intake.ts'
import { readLimits } from './limits.ts'
import { parseBody } from './parse-body.ts'
import { cleanAlerts, type RawAlert } from './raw-alert.ts'
import { createStandardVerifier, type StandardVerifierOptions } from './standard-signature.ts'

export interface StandardWebhookIntakeOptions extends SignedIntakeOptions, StandardVerifierOptions {}

const source = 'standard-webhooks'

/**
 * Any sender that signs as Standard Webhooks 1.0.0 says. The body is `{ type, timestamp, data }`, where `data` is one alert or
 * a list: `{ key, service?, status?, summary?, severity?, symptoms?, labels?, at?, links? }`.
 */
export function standardWebhookIntake(options: StandardWebhookIntakeOptions): Intake {
  const verify = createStandardVerifier(options)
  const mapper = createMapper(options)
  const limits = readLimits(options.limits)
  return createIntake(source, options, ({ headers, bytes, now }) => {
    const { id, at, expiresAt } = verify({ headers, body: bytes, now })
    const alerts = readBody(parseBody(bytes, limits), at)
    const signals = cleanAlerts(source, alerts, mapper.own).flatMap(
      (alert) => alertSignal(alert, mapper, { now, delivery: id }) ?? [],
    )
    return { signals, delivery: { id, expiresAt } }
  })
}

function readBody(body: unknown, signedAt: number): readonly RawAlert[] {
  const { data, timestamp } = fieldsOf(body, 'body')
  const at = optionalTime(timestamp, 'timestamp') ?? signedAt
  if (Array.isArray(data)) return readEach(data, 'data', (item) => readItem(fieldsOf(item, ''), at))
  return readEach([fieldsOf(data, 'data')], 'data', (item) => readItem(item as Fields, at))
}

function readItem(item: Fields, sentAt: number): RawAlert {
  const key = optionalText(item['key'], 'key')
  if (key === undefined) throw new InvalidInput('key', 'is missing: same problem, same key')
  const service = optionalText(item['service'], 'service')
  const status = optionalText(item['status'], 'status') ?? 'firing'
  if (status !== 'firing' && status !== 'resolved') throw new InvalidInput('status', 'must be firing or resolved')
  const at = optionalTime(item['at'], 'at') ?? sentAt
  const labels = entriesOf(item['labels'], 'labels', 'refuse')
  return {
    name: key,
    status,
    summary: optionalText(item['summary'], 'summary'),
    labels: service === undefined ? labels : ['service', service, ...without(labels, 'service')],
    annotations: [],
    fingerprint: key,
    level: optionalText(item['severity'], 'severity'),
    symptoms: item['symptoms'] === undefined ? undefined : checkSymptoms(item['symptoms'] as never, 'symptoms'),
    startsAt: at,
    endsAt: status === 'resolved' ? at : undefined,
    links: readLinks(item['links']),
  }
}

function without(entries: readonly string[], name: string): readonly string[] {
  const kept: string[] = []
  for (let index = 0; index < entries.length; index += 2)
    if (entries[index] !== name) kept.push(entries[index] ?? '', entries[index + 1] ?? '')
  return kept
}

function readLinks(links: unknown): RawAlert['links'] {
  if (links === undefined || links === null) return []
  if (!Array.isArray(links) || links.length > 20) throw new InvalidInput('links', 'must be a list of at most 20 links')
  return readEach(links, 'links', (value) => {
    const link = fieldsOf(value, '')
    const title = optionalText(link['title'], 'title') ?? 'link'
    return { title: title.slice(0, 2_000), url: optionalText(link['url'], 'url') }
  })
}
