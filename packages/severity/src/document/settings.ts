import { formatDuration, severities } from '@firebreak/core'
import type { Settings } from './draft.ts'
import { exactPercent, ratioOf, readDuration } from './exact-figures.ts'

/** One line of the table of numbers: written and read by the same pair of functions. */
interface SettingRow {
  readonly label: string
  readonly write: (settings: Settings) => string
  /** Whether the text was understood; what it says is put into `settings`. */
  readonly read: (text: string, settings: Partial<Settings>) => boolean
}

interface Codec<Value> {
  readonly write: (value: Value) => string
  readonly read: (text: string) => Value | undefined
}

const durations = {
  write: (values: readonly number[]) => (values.length === 0 ? 'none' : values.map(formatDuration).join(', ')),
  read(text: string): readonly number[] | undefined {
    if (text === 'none') return []
    const values = text.split(',').map(readDuration)
    return values.every((value) => value !== undefined) ? values : undefined
  },
}
const duration = { write: formatDuration, read: readDuration }
const number = { write: String, read: readNumber }

function readNumber(text: string): number | undefined {
  return /^\d/.test(text) && Number.isFinite(Number(text)) ? Number(text) : undefined
}

function readPercent(text: string): number | undefined {
  const match = /^(\d[\d.e+-]*) %$/.exec(text)
  return match === null ? undefined : ratioOf(match[1] ?? '')
}

function row<Name extends keyof Settings>(name: Name, label: string, codec: Codec<Settings[Name]>): SettingRow {
  return {
    label,
    write: (settings) => codec.write(settings[name]),
    read(text, settings) {
      const value = codec.read(text)
      if (value !== undefined) settings[name] = value
      return value !== undefined
    },
  }
}

const rows: readonly SettingRow[] = [
  row('slo', 'Service level objective', {
    write: (value) => (value === null ? 'none: burn rates are not judged' : exactPercent(value)),
    read: (text) => (text.startsWith('none') ? null : readPercent(text)),
  }),
  row('faceValueFrom', 'Failed requests from which a ratio is taken at face value', number),
  row('boundFrom', 'Failed requests from which its Wilson lower bound counts; fewer are inconclusive', number),
  row('z', 'Quantile z of that bound', number),
  row('atMost', 'Worst level that such a bound reaches', {
    write: String,
    read: (text) => severities.find((level) => level === text),
  }),
  row('fewRequestsWindowsMs', 'Windows to widen to while a ratio is inconclusive', durations),
  row('minimumDifferenceMs', 'Smallest difference of the response time from its baseline', duration),
  row('minimumSamples', 'Fewest samples of a response time, when their number is known', number),
  row('evaluateEveryMs', 'Evaluated every', duration),
  row('windowsMs', 'Windows of a ratio; the worst conclusive one counts', durations),
  row('raiseAfter', 'Evaluations in a row that raise', number),
  row('lowerAfterMs', 'Calm before it is lowered by one level', duration),
  row('exitFactor', 'Calm is below this share of the entry threshold', { write: exactPercent, read: readPercent }),
  row('staleAfterMs', 'A signal that states no time of its own is unknown after', {
    write: (value) => (value === null ? 'never' : formatDuration(value)),
    read: (text) => (text === 'never' ? null : readDuration(text)),
  }),
]

/** The table of numbers, in the order of the document. */
export function settingsTable(settings: Settings): readonly (readonly [string, string])[] {
  return rows.map(({ label, write }) => [label, write(settings)])
}

/** Whether the row was understood; what it says is put into `settings`. */
export function readSetting(label: string, text: string, settings: Partial<Settings>): boolean {
  return rows.find((each) => each.label === label)?.read(text, settings) ?? false
}
