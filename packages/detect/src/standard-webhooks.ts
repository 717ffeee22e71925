/** Alerts from any sender that signs as Standard Webhooks 1.0.0 says. */

export type { AlertMapping } from './intake/alert-mapping.ts'
export type { DeliveryMemory } from './intake/delivery-memory.ts'
export type { ExternalAlert } from './intake/external-alert.ts'
export type { Intake, IntakeOptions, SignedIntakeOptions } from './intake/intake.ts'
export type { IntakeErrorCode } from './intake/intake-refused.ts'
export type { IntakeLimitOptions } from './intake/limits.ts'
export type { Secrets } from './intake/signature.ts'
export type { SeverityWords } from './intake/severity-words.ts'
export type { StandardWebhookIntakeOptions } from './intake/standard-webhook.ts'
export type { StandardVerifier, StandardVerifierOptions, VerifiedDelivery } from './intake/standard-signature.ts'

export { standardWebhookIntake } from './intake/standard-webhook.ts'
export { createStandardVerifier } from './intake/standard-signature.ts'
export { IntakeRefused } from './intake/intake-refused.ts'
export { memoryDeliveries } from './intake/delivery-memory.ts'
