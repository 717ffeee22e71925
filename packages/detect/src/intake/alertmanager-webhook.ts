import type { Signal } from '@firebreak/core'
import { createMapper } from './alert-mapping.ts'
import { parseContext, readAlert, readGroup, signalsOf, type ParseContext, type ParseOptions } from './alert-list.ts'
import { bearerCheck } from './bearer.ts'
import { createIntake, type Intake, type IntakeOptions } from './intake.ts'
import { readLimits } from './limits.ts'
import { parseBody } from './parse-body.ts'
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
  const leftOut = group['truncatedAlerts']
  const [first, ...rest] = signals
  if (first === undefined || typeof leftOut !== 'number' || !(leftOut > 0)) return signals
  return [tellLeftOut(first, Math.round(leftOut)), ...rest]
}

/** `max_alerts` of the receiver cut the group short. One of those that came must say so, or nobody will know. */
function tellLeftOut(signal: Signal, count: number): Signal {
  const summary = `${signal.summary.slice(0, 1_900)} (Alertmanager left out ${count} more alerts: raise max_alerts)`
  return { ...signal, summary }
}
