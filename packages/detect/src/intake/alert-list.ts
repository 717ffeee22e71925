import { InvalidInput, systemClock, type Clock, type Link, type Signal } from '@firebreak/core'
import { createMapper, type AlertMapping, type Mapper } from './alert-mapping.ts'
import { alertSignal } from './alert-signal.ts'
import { entriesOf, entryOf, fieldsOf, listOf, optionalText, optionalTime, readEach, type Fields } from './fields.ts'
import { labelsFingerprint } from './fingerprint.ts'
import { readLimits, type IntakeLimitOptions, type IntakeLimits } from './limits.ts'
import { cleanAlerts, type RawAlert } from './raw-alert.ts'

export interface ParseOptions extends AlertMapping {
  readonly limits?: IntakeLimitOptions | undefined
  readonly clock?: Clock | undefined
}

/** What a pure parser works with, made once for an intake and per call for a parser. */
export interface ParseContext {
  readonly mapper: Mapper
  readonly limits: IntakeLimits
  readonly now: number
}

export function parseContext(options: ParseOptions): ParseContext {
  const { clock = systemClock, limits } = options
  return { mapper: createMapper(options), limits: readLimits(limits), now: clock.now() }
}

/** One alert of Alertmanager's webhook, or of Grafana's, which copies it. */
export function readAlert(value: unknown): RawAlert {
  const alert = fieldsOf(value, '')
  return readCommon(alert, readStatus(alert))
}

/** What Alertmanager, Prometheus and Grafana have in common in one alert. */
export function readCommon(alert: Fields, status: RawAlert['status']): RawAlert {
  const labels = entriesOf(alert['labels'], 'labels', 'refuse')
  const annotations = entriesOf(alert['annotations'], 'annotations', 'cut')
  if (labels.length === 0) throw new InvalidInput('labels', 'is empty: an alert is known by its labels')
  return {
    name: entryOf(labels, 'alertname') ?? 'alert',
    status,
    summary: entryOf(annotations, 'summary') ?? entryOf(annotations, 'message') ?? entryOf(annotations, 'description'),
    labels,
    annotations,
    fingerprint: optionalText(alert['fingerprint'], 'fingerprint') ?? labelsFingerprint(labels),
    startsAt: optionalTime(alert['startsAt'], 'startsAt'),
    endsAt: optionalTime(alert['endsAt'], 'endsAt'),
    links: linksTo(
      optionalText(alert['generatorURL'], 'generatorURL'),
      entryOf(annotations, 'runbook_url') ?? entryOf(annotations, 'runbook'),
    ),
  }
}

function linksTo(rule: string | undefined, runbook: string | undefined): RawAlert['links'] {
  const links: Link[] = []
  if (rule !== undefined) links.push({ title: 'rule', url: rule })
  if (runbook !== undefined) links.push({ title: 'runbook', url: runbook })
  return links
}

function readStatus({ status }: Fields): RawAlert['status'] {
  if (status === undefined || status === 'firing') return 'firing'
  if (status === 'resolved') return 'resolved'
  throw new InvalidInput('status', 'must be firing or resolved')
}

/** `{ alerts: [...] }`: the shape of Alertmanager's and Grafana's webhooks. */
export function readGroup(body: unknown, read: (alert: unknown) => RawAlert): { group: Fields; alerts: RawAlert[] } {
  const group = fieldsOf(body, 'body')
  return { group, alerts: readEach(listOf(group['alerts'], 'alerts'), 'alerts', read) }
}

/** Cleans and maps; alerts of which the source says that they are none are left out. */
export function signalsOf(source: string, alerts: readonly RawAlert[], { mapper, now }: ParseContext): Signal[] {
  return cleanAlerts(source, alerts, mapper.own).flatMap((alert) => alertSignal(alert, mapper, { now }) ?? [])
}
