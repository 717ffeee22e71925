import { createMapper } from './alert-mapping.ts'
import { alertSignal } from './alert-signal.ts'
import { defaultWindowMs, refuseStale, unixSeconds } from './freshness.ts'
import { createIntake, type Intake, type SignedIntakeOptions } from './intake.ts'
import { IntakeRefused } from './intake-refused.ts'
import { defaultLimits, readLimits, type IntakeLimits } from './limits.ts'
import { parseBody } from './parse-body.ts'
import { cleanAlerts } from './raw-alert.ts'
import { readSentry } from './sentry-resources.ts'
import { anyEqual, hexSignature, hmacSha256, readSecrets, type Secrets } from './signature.ts'

export interface SentryIntakeOptions extends SignedIntakeOptions {
  /** The integration's client secret; several while it is being rotated. */
  readonly secret: Secrets | undefined
  /** Milliseconds that `Sentry-Hook-Timestamp` may lie before or after now. Sentry does not sign it. Default 5 min. */
  readonly windowMs?: number | undefined
}

const source = 'sentry'
const signatureHeader = 'sentry-hook-signature'
const timestampHeader = 'sentry-hook-timestamp'
/** The time is not signed, so a copy could carry a new one: the body itself is remembered, for this long. */
const rememberedMs = 24 * 60 * 60_000
/** Events carry the variables of stack frames. */
const sentryLimits: IntakeLimits = { ...defaultLimits, maxDepth: 64 }

/**
 * Sentry's integration platform: issue alerts, metric alerts, issues and errors. Keyed by the issue or the metric incident,
 * so that a resolved issue ends the alert that it raised. Answer within a second: store, then work.
 */
export function sentryIntake(options: SentryIntakeOptions): Intake {
  const secrets = readSecrets(options.secret, 'secret', 'sentryIntake')
  const windowMs = options.windowMs ?? defaultWindowMs
  const mapper = createMapper(options)
  const limits = readLimits(options.limits, sentryLimits)

  /** The body, if it is signed; what is not signed is not looked into further than to see that. */
  function believed(bytes: Uint8Array, signature: string): unknown {
    const given = hexSignature(signature)
    const isSigned = (body: Uint8Array | string) =>
      anyEqual(
        given,
        secrets.map((secret) => hmacSha256(secret, body)),
      )
    if (isSigned(bytes)) return parseBody(bytes, limits)
    const respelled = given.length === 0 ? undefined : attempt(() => parseBody(bytes, limits))
    // Sentry's own samples sign what they print, which may be spaced differently from what arrives.
    if (respelled !== undefined && isSigned(JSON.stringify(respelled))) return respelled
    throw new IntakeRefused(
      'SIGNATURE_WRONG',
      signatureHeader,
      'is not that of this body: check the client secret on both sides',
    )
  }
  return createIntake(
    source,
    options,
    ({ headers, bytes, now }) => {
      const body = believed(bytes, headers.get(signatureHeader) ?? '')
      refuseStale(timestampHeader, unixSeconds(timestampHeader, headers.get(timestampHeader)), now, windowMs)
      const delivery = hmacSha256(secrets[0] ?? '', JSON.stringify(body)).toString('hex')
      const alerts = readSentry(headers.get('sentry-hook-resource') ?? '', body)
      const signals = cleanAlerts(source, alerts, mapper.own).flatMap(
        (alert) => alertSignal(alert, mapper, { now, delivery }) ?? [],
      )
      return { signals, delivery: { id: delivery, expiresAt: now + rememberedMs } }
    },
    limits,
  )
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
