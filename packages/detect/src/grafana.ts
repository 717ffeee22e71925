/** Alerts from Grafana's webhook contact point. */

export type { AlertMapping } from './intake/alert-mapping.ts'
export type { ParseOptions } from './intake/alert-list.ts'
export type { DeliveryMemory } from './intake/delivery-memory.ts'
export type { ExternalAlert } from './intake/external-alert.ts'
export type { GrafanaIntakeOptions } from './intake/grafana-webhook.ts'
export type { Intake, IntakeOptions, SignedIntakeOptions } from './intake/intake.ts'
export type { IntakeErrorCode } from './intake/intake-refused.ts'
export type { IntakeLimitOptions } from './intake/limits.ts'
export type { Secrets } from './intake/signature.ts'
export type { SeverityWords } from './intake/severity-words.ts'

export { grafanaIntake, parseGrafana } from './intake/grafana-webhook.ts'
export { IntakeRefused } from './intake/intake-refused.ts'
export { memoryDeliveries } from './intake/delivery-memory.ts'
