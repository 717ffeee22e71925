import { createHash } from 'node:crypto'
import type { Page } from '@firebreak/core'

/** The keys of the alerts that an incident has opened at one target, newest last; travels in `Receipt.thread`. */
export function openKeys(thread: string | undefined): readonly string[] {
  return thread === undefined || thread === '' ? [] : thread.split(' ')
}

export function toThread(keys: readonly string[]): string {
  return [...new Set(keys)].join(' ')
}

/**
 * The key of the alert that a page opens or continues. One an incident and level, so that a raise wakes although somebody
 * acknowledged the lower level; the code in it keeps two installations that share an integration from closing each other's
 * alerts. An acknowledged alert notifies nobody, so a page that must wake again (a lapsed acknowledgement, a regression)
 * opens one more.
 */
export function alertKey(page: Page, open: readonly string[], idempotencyKey: string, longest: number): string {
  const { incident, code, severity, reason, kind } = page
  const short = (key: string) => (key.length <= longest ? key : createHash('sha256').update(key).digest('hex'))
  if (incident === '') return short(idempotencyKey)
  const base = short([incident, ...(code === undefined ? [] : [code]), severity].join('/').replaceAll(/\s/g, '_'))
  const mine = open.filter((key) => key === base || key.startsWith(`${base}/`))
  const again = kind === 'trigger' && mine.length > 0 && reason !== undefined && reason !== 'remind'
  return again ? short(`${base}/${mine.length + 1}`) : (mine.at(-1) ?? base)
}
