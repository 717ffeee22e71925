/** Incidents from PagerDuty, through its webhooks (version 3). */

export type { AlertMapping } from './intake/alert-mapping.ts'
export type { DeliveryMemory } from './intake/delivery-memory.ts'
export type { ExternalAlert } from './intake/external-alert.ts'
export type { Intake, IntakeOptions, SignedIntakeOptions } from './intake/intake.ts'
export type { IntakeErrorCode } from './intake/intake-refused.ts'
export type { IntakeLimitOptions } from './intake/limits.ts'
export type { Secrets } from './intake/signature.ts'
export type { SeverityWords } from './intake/severity-words.ts'
export type { PagerdutyIntakeOptions } from './intake/pagerduty-webhook.ts'

export { pagerdutyIntake } from './intake/pagerduty-webhook.ts'
export { IntakeRefused } from './intake/intake-refused.ts'
export { memoryDeliveries } from './intake/delivery-memory.ts'
