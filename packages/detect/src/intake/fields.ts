import { InvalidInput, redact } from '@firebreak/core'
import { oneLine, withoutEscapes } from '../plain-text.ts'

export type Fields = Readonly<Record<string, unknown>>

/** `JSON.parse` makes own properties of these; whoever copies them into another object changes all objects. */
const polluting = ['__proto__', 'constructor', 'prototype']

export function fieldsOf(value: unknown, field: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InvalidInput(field, 'must be an object')
  refusePolluting(value, field)
  return value as Fields
}

/** A name comes from outside: on one line, short, and not if it is a secret. */
function printable(name: string): string {
  return oneLine(redact(withoutEscapes(name.slice(0, 64).toWellFormed())), 40)
}

function within(field: string, key: string): string {
  return field === '' ? key : `${field}.${key}`
}

function refusePolluting(value: object, field: string): void {
  for (const key of polluting)
    if (Object.hasOwn(value, key)) throw new InvalidInput(within(field, key), 'is not a name for a field: leave it out')
}

export function listOf(value: unknown, field: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new InvalidInput(field, 'must be a list')
  return value
}

/** A text, or nothing for what is absent, null or empty. */
export function optionalText(value: unknown, field: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'string') throw new InvalidInput(field, 'must be a text')
  return value
}

/** Name, value, name, value: a thousand alerts have ten thousand labels. */
export type Entries = readonly string[]

const longestName = 128
const longestValue = 16_384
const mostEntries = 512

export function entryOf(entries: Entries, name: string): string | undefined {
  for (let index = 0; index < entries.length; index += 2) if (entries[index] === name) return entries[index + 1]
  return undefined
}

/** Labels or annotations. Numbers and booleans count as their text; what is absent or empty is left out. */
export function entriesOf(object: unknown, field: string, tooLong: 'refuse' | 'cut'): Entries {
  if (object === undefined || object === null) return []
  const fields = fieldsOf(object, field)
  const names = Object.keys(fields)
  if (names.length > mostEntries) throw new InvalidInput(field, `holds more than ${mostEntries} entries`)
  const entries: string[] = []
  for (const name of names) {
    if (name.length > longestName || name === '')
      throw new InvalidInput(within(field, printable(name)), `must have a name of 1 to ${longestName} characters`)
    const value = fields[name]
    const text = typeof value === 'string' ? value : textOf(value, within(field, printable(name)))
    if (text === '') continue
    if (text.length > longestValue && tooLong === 'refuse')
      throw new InvalidInput(within(field, printable(name)), `is longer than ${longestValue} characters`)
    entries.push(name, text.length > longestValue ? text.slice(0, longestValue) : text)
  }
  return entries
}

function textOf(value: unknown, field: string): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === null) return ''
  throw new InvalidInput(field, 'must be a text')
}

const goZero = '0001-01-01T00:00:00Z'
/* RFC 3339; Date.parse alone would take "1" for the year 2001. */
const timestamp = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,12})?([Zz]|[+-]\d\d:\d\d)$/

/** Milliseconds since the epoch. Go's zero time (year 1), null and '' are nothing. */
export function optionalTime(value: unknown, field: string): number | undefined {
  if (value === goZero) return undefined
  const text = optionalText(value, field)
  if (text === undefined) return undefined
  const at = timestamp.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(at)) throw new InvalidInput(field, 'is no RFC 3339 timestamp: write 2026-11-23T02:00:00Z')
  return at <= 0 ? undefined : at
}

/** Does `read` for one entry of a list; what it refuses is named with its place. */
export function readEach<T>(list: readonly unknown[], field: string, read: (item: unknown) => T): T[] {
  return list.map((item, index) => {
    try {
      return read(item)
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error
      const place = `${field}[${index}]`
      const rest = error.message.slice(error.field.length + 2)
      throw new InvalidInput(error.field === '' ? place : `${place}.${error.field}`, rest)
    }
  })
}
