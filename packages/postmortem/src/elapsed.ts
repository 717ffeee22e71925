/** A duration as a person says it: "13.8 s", "4 min 20 s", "2 h 5 min". `null` is unknown, never 0. */
export function elapsed(milliseconds: number | null): string {
  if (milliseconds === null) return 'unknown'
  if (milliseconds < 59_950) return `${Number((milliseconds / 1000).toFixed(1))} s`
  const seconds = Math.round(milliseconds / 1000)
  const [days, hours, minutes, rest] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ]
  if (days > 0) return pair(days, 'd', hours, 'h')
  if (hours > 0) return pair(hours, 'h', minutes, 'min')
  return pair(minutes, 'min', rest, 's')
}

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}
