export { severitySchema } from './severity.ts'
