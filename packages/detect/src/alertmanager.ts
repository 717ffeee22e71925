/** Alerts from Prometheus: through Alertmanager's webhook, or straight from a Prometheus server. */

export type { AlertMapping } from './intake/alert-mapping.ts'
export type { ParseOptions } from './intake/alert-list.ts'
export type { ExternalAlert } from './intake/external-alert.ts'
export type { Intake, IntakeOptions } from './intake/intake.ts'
export type { IntakeErrorCode } from './intake/intake-refused.ts'
export type { IntakeLimitOptions } from './intake/limits.ts'
export type { Secrets } from './intake/signature.ts'
export type { SeverityWords } from './intake/severity-words.ts'
export type { AlertmanagerIntakeOptions } from './intake/alertmanager-webhook.ts'

export { alertmanagerIntake, parseAlertmanager } from './intake/alertmanager-webhook.ts'
export { parsePrometheusAlerts, prometheusAlertsIntake } from './intake/prometheus-alerts.ts'
export { IntakeRefused } from './intake/intake-refused.ts'
export { standardSeverityWords } from './intake/severity-words.ts'
