import { oneLine } from '@firebreak/core'

/** 1728000 → `1,728,000`. */
export function count(whole: number): string {
  return String(whole).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

/** Milliseconds → `45 s`, `2 min 10 s`, `2 d 4 h`. */
export function span(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`
  if (seconds < 60) return `${Math.round(seconds)} s`
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`
  const whole = Math.round(seconds)
  if (whole < 3_600) return pair(Math.floor(whole / 60), 'min', whole % 60, 's')
  const minutes = Math.floor(whole / 60)
  if (minutes < 24 * 60) return pair(Math.floor(minutes / 60), 'h', minutes % 60, 'min')
  const hours = Math.floor(minutes / 60)
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

/** The part of a digest or tag that people compare: six digits, or the tag's end. */
export function shortImage({ image, digest }: { image: string; digest?: string | undefined }): string {
  const hex = /sha256:([0-9a-f]{6})/.exec(digest ?? '')?.[1] ?? /sha256:([0-9a-f]{6})/.exec(image)?.[1]
  if (hex !== undefined) return hex
  const tag = oneLine(image).split('/').at(-1) ?? image
  return tag.length > 24 ? `…${tag.slice(-23)}` : tag
}

/** `02:00:05 UTC`; in a zone: `03:00:05 CET`. */
export function clockTime(at: number, timeZone = 'UTC'): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  }).formatToParts(at)
  const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? ''
  return `${part('hour')}:${part('minute')}:${part('second')} ${part('timeZoneName')}`
}
