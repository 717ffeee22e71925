import type { Signal, Symptom } from '@firebreak/core'
import { numberIn } from '../numbers.ts'
import { createMapper } from './alert-mapping.ts'
import { parseContext, readAlert, readGroup, signalsOf, type ParseContext, type ParseOptions } from './alert-list.ts'
import { bearerCheck } from './bearer.ts'
import type { ExternalAlert } from './external-alert.ts'
import { fieldsOf, optionalText } from './fields.ts'
import { defaultWindowMs, refuseStale, unixSeconds } from './freshness.ts'
import { createIntake, type Intake, type Received, type SignedIntakeOptions } from './intake.ts'
import { IntakeRefused } from './intake-refused.ts'
import { readLimits } from './limits.ts'
import { parseBody } from './parse-body.ts'
import type { RawAlert } from './raw-alert.ts'
import { anyEqual, hexSignature, hmacSha256, readSecrets, type Secrets } from './signature.ts'

export interface GrafanaIntakeOptions extends SignedIntakeOptions {
  /** The contact point's HMAC secret. Left out, nothing is verified but `token`; then whoever mounts the intake must. */
  readonly secret?: Secrets | undefined
  /** Default: `X-Grafana-Alerting-Signature`, or `X-Grafana-Alert-Signature`, which some versions send. */
  readonly signatureHeader?: string | undefined
  /** The contact point's timestamp header; set it there and here, or an old delivery can be sent again later. */
  readonly timestampHeader?: string | undefined
  /** Milliseconds that a signed timestamp may lie before or after now. Default 5 min. */
  readonly windowMs?: number | undefined
  /** What the contact point sends as authorization credentials. */
  readonly token?: Secrets | undefined
}

const source = 'grafana'
const signatureHeaders = ['x-grafana-alerting-signature', 'x-grafana-alert-signature']
/** How long a delivery without a signed time is remembered: the same text may rightly come again later. */
const rememberedMs = 10 * 60_000

/** Grafana's webhook contact point: one signal an alert, keyed by its fingerprint. */
export function grafanaIntake(options: GrafanaIntakeOptions = {}): Intake {
  const check = bearerCheck(options, 'grafanaIntake')
  const verify = createVerifier(options)
  const mapper = createMapper(seeingBlindness(options))
  const limits = readLimits(options.limits)
  return createIntake(source, options, (received) => {
    check(received.headers)
    const delivery = verify?.(received)
    return { signals: parse(received.bytes, { mapper, limits, now: received.now }), delivery }
  })
}

/** The signals of one webhook body, for whoever has read and authenticated it himself. */
export function parseGrafana(body: Uint8Array | string, options: ParseOptions = {}): readonly Signal[] {
  return parse(body, parseContext(seeingBlindness(options)))
}

function parse(body: Uint8Array | string, context: ParseContext): readonly Signal[] {
  const { alerts } = readGroup(parseBody(body, context.limits), readGrafanaAlert)
  return signalsOf(source, alerts, context)
}

function readGrafanaAlert(value: unknown): RawAlert {
  const alert = fieldsOf(value, '')
  const common = readAlert(value)
  const links = ['dashboardURL', 'panelURL', 'silenceURL'].map((name) => ({
    title: name.slice(0, -3),
    url: optionalText(alert[name], name),
  }))
  return { ...common, links: [...common.links, ...links] }
}

/** Grafana that cannot read its data says so with an alert of its own. That is not the service being down. */
function seeingBlindness<Options extends ParseOptions>(options: Options): Options {
  const symptoms = (alert: ExternalAlert): readonly Symptom[] | undefined =>
    options.symptoms?.(alert) ??
    (/^Datasource(NoData|Error)$/.test(alert.name) ? [{ kind: 'warning', detail: alert.summary }] : undefined)
  return { ...options, symptoms }
}

function createVerifier(options: GrafanaIntakeOptions) {
  if (!('secret' in options)) return undefined
  const secrets = readSecrets(options.secret, 'secret', 'grafanaIntake')
  const windowMs = numberIn(options.windowMs ?? defaultWindowMs, 'windowMs', 1)
  const names = options.signatureHeader === undefined ? signatureHeaders : [options.signatureHeader]
  const { timestampHeader } = options

  return function verify({ headers, bytes, now }: Received) {
    const timestamp = timestampHeader === undefined ? undefined : headers.get(timestampHeader)
    const prefix = timestamp === undefined ? '' : `${timestamp ?? ''}:`
    const given = names.flatMap((name) => hexSignature(headers.get(name) ?? ''))
    const expected = secrets.map((secret) => hmacSha256(secret, prefix, bytes))
    if (!anyEqual(given, expected))
      throw new IntakeRefused(
        'SIGNATURE_WRONG',
        names[0] ?? '',
        'is not that of this body: check the secret on both sides',
      )
    // Ours, not what was given: a second header must not make another delivery of it.
    const id = expected[0]?.toString('hex') ?? ''
    if (timestampHeader === undefined || timestamp === undefined) return { id, expiresAt: now + rememberedMs }
    refuseStale(timestampHeader, unixSeconds(timestampHeader, timestamp), now, windowMs)
    return { id, expiresAt: now + 2 * windowMs }
  }
}
