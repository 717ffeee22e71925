import { formatDuration } from '@firebreak/core'
import type { ResponseTime } from '../policy.ts'
import { readDuration } from './exact-figures.ts'

/** "< 5 min", "< 2 h (business hours)", "Daily review". */
export function responseText(response: ResponseTime): string {
  if (response.kind === 'dailyReview') return 'Daily review'
  const time = `< ${formatDuration(response.withinMs)}`
  return response.kind === 'elapsed' ? time : `${time} (business hours)`
}

export function readResponse(text: string): ResponseTime | undefined {
  if (/^(?:daily|next[- ]day) ?(?:review)?$/i.test(text.trim())) return { kind: 'dailyReview' }
  const match =
    /^(?:<|<=|≤|within|under|less than)?\s*(\d[\w.+ ]{0,30}?)\s*(\((?:in |during )?business hours\))?$/i.exec(
      text.trim(),
    )
  const withinMs = readDuration(match?.[1] ?? '')
  if (match === null || withinMs === undefined || withinMs === 0) return undefined
  return { kind: match[2] === undefined ? 'elapsed' : 'businessHours', withinMs }
}
