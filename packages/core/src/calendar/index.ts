export type { BusinessCalendar } from './business-calendar.ts'
