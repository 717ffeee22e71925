import type { Signal } from '@firebreak/core'
import { createMapper } from './alert-mapping.ts'
import { parseContext, readAlert, readGroup, signalsOf, type ParseContext, type ParseOptions } from './alert-list.ts'
import { bearerCheck } from './bearer.ts'
import { entriesOf, type Fields } from './fields.ts'
import { labelsFingerprint } from './fingerprint.ts'
import { createIntake, type Intake, type IntakeOptions } from './intake.ts'
import { readLimits } from './limits.ts'
import { parseBody } from './parse-body.ts'
import { cleanAlerts, type RawAlert } from './raw-alert.ts'
import type { Secrets } from './signature.ts'

export interface AlertmanagerIntakeOptions extends IntakeOptions {
  /**
   * What the sender puts into `Authorization` (`http_config.authorization.credentials`, or the password of `basic_auth`).
   * Several while it is being rotated. Left out, the intake checks nothing, and whoever mounts it must.
   */
  readonly token?: Secrets | undefined
}

const source = 'alertmanager'

/** Alertmanager's webhook (version 4): one signal an alert, keyed by its fingerprint. */
export function alertmanagerIntake(options: AlertmanagerIntakeOptions = {}): Intake {
  const check = bearerCheck(options, 'alertmanagerIntake')
  const mapper = createMapper(options)
  const limits = readLimits(options.limits)
  return createIntake(source, options, ({ headers, bytes, now }) => {
    check(headers)
    return { signals: parse(bytes, { mapper, limits, now }) }
  })
}

/** The signals of one webhook body, for whoever has read and authenticated it himself. */
export function parseAlertmanager(body: Uint8Array | string, options: ParseOptions = {}): readonly Signal[] {
  return parse(body, parseContext(options))
}

function parse(body: Uint8Array | string, context: ParseContext): readonly Signal[] {
  const { group, alerts } = readGroup(parseBody(body, context.limits), readAlert)
  const signals = signalsOf(source, alerts, context)
  const cut = cutSignal(group, context)
  return cut === undefined ? signals : [...signals, cut]
}

/** `max_alerts` of the receiver left some out: that is worth a warning, or nobody will know. */
function cutSignal(group: Fields, { mapper, now }: ParseContext): Signal | undefined {
  const left = group['truncatedAlerts']
  if (typeof left !== 'number' || !(left > 0)) return undefined
  const labels = entriesOf(group['commonLabels'], 'commonLabels', 'refuse')
  const detail = `Alertmanager left out ${Math.round(left)} alerts of this group: raise max_alerts of the receiver`
  const raw: RawAlert = {
    name: detail,
    status: 'firing',
    labels,
    annotations: [],
    fingerprint: `truncated-${labelsFingerprint(labels)}`,
    links: [],
  }
  const [alert] = cleanAlerts(source, [raw], mapper.own)
  if (alert === undefined) return undefined
  const key = `${source}/${alert.fingerprint}`
  return {
    id: `${key}/${Math.floor(now / 60_000)}`,
    key,
    source,
    measured: false,
    service: mapper.service(alert),
    status: 'firing',
    at: new Date(now).toISOString(),
    summary: detail,
    symptoms: [{ kind: 'warning', detail }],
    labels: alert.labels,
    links: [],
    staleAfterMs: 60 * 60_000,
  }
}
