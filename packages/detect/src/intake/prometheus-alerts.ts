import type { Signal } from '@firebreak/core'
import { parseContext, readCommon, type ParseContext, type ParseOptions } from './alert-list.ts'
import { createMapper } from './alert-mapping.ts'
import { alertSignal } from './alert-signal.ts'
import type { AlertmanagerIntakeOptions } from './alertmanager-webhook.ts'
import { bearerCheck } from './bearer.ts'
import { fieldsOf, listOf, optionalTime, readEach } from './fields.ts'
import { createIntake, type Intake } from './intake.ts'
import { readLimits } from './limits.ts'
import { parseBody } from './parse-body.ts'
import { cleanAlerts, type RawAlert } from './raw-alert.ts'

const source = 'prometheus-alerts'
/** Alertmanager's `resolve_timeout`, for senders that give no end. */
const holdsForMs = 5 * 60_000

/**
 * `POST /api/v2/alerts` as Alertmanager has it, so that a Prometheus server points straight at a responder. Prometheus
 * repeats a firing alert and says with `endsAt` how long its word holds: not repeated, the signal is unknown after that.
 */
export function prometheusAlertsIntake(options: AlertmanagerIntakeOptions = {}): Intake {
  const check = bearerCheck(options, 'prometheusAlertsIntake')
  const mapper = createMapper(options)
  const limits = readLimits(options.limits)
  return createIntake(source, options, ({ headers, bytes, now }) => {
    check(headers)
    return { signals: parse(bytes, { mapper, limits, now }) }
  })
}

/** The signals of one body, for whoever has read and authenticated it himself. */
export function parsePrometheusAlerts(body: Uint8Array | string, options: ParseOptions = {}): readonly Signal[] {
  return parse(body, parseContext(options))
}

function parse(body: Uint8Array | string, { mapper, limits, now }: ParseContext): readonly Signal[] {
  const alerts = readEach(listOf(parseBody(body, limits), 'body'), 'body', (value) => read(value, now))
  return cleanAlerts(source, alerts, mapper.own).flatMap((alert) => {
    const staleAfterMs = alert.endsAt === undefined ? holdsForMs : alert.endsAt - now
    return alertSignal(alert, mapper, { now, staleAfterMs }) ?? []
  })
}

/** This shape has no status: an alert whose end has come is resolved. */
function read(value: unknown, now: number): RawAlert {
  const alert = fieldsOf(value, '')
  const endsAt = optionalTime(alert['endsAt'], 'endsAt')
  return readCommon(alert, endsAt !== undefined && endsAt <= now ? 'resolved' : 'firing')
}
