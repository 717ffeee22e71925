/**
 * Business time in any IANA zone, right across changes of the clock; and local times as pages print them. Apart from the
 * index because it carries a calendar library.
 */
export type { BusinessCalendar } from './business-calendar.ts'
export { defineCalendar } from './business-calendar.ts'
export { addBusinessTime, isBusinessTime, nextBusinessTime } from './business-time.ts'
export { formatLocal, localDate } from './local-time.ts'
