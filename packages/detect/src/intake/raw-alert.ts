import { redact, type Link, type Symptom } from '@firebreak/core'
import { cleanSymptom } from '../clean-symptom.ts'
import { oneLine } from '../plain-text.ts'
import { createTextCleaner, type TextCleaner } from './clean-texts.ts'
import type { ExternalAlert } from './external-alert.ts'
import type { Entries } from './fields.ts'
import { shortName } from './fingerprint.ts'
import { createRecent } from './recent.ts'
import { Texts } from './texts.ts'

/** An alert as it was sent: nothing redacted, nothing cut. */
export interface RawAlert {
  readonly name: string
  readonly status: 'firing' | 'resolved'
  readonly summary?: string | undefined
  readonly labels: Entries
  readonly annotations: Entries
  readonly fingerprint: string
  readonly level?: string | undefined
  /** Checked, not yet redacted. */
  readonly symptoms?: readonly Symptom[] | undefined
  readonly startsAt?: number | undefined
  readonly endsAt?: number | undefined
  readonly links: readonly { readonly title: string; readonly url: string | undefined }[]
}

const longestLabel = 1_024
const longestSummary = 2_000
const longestTitle = 200

const none: Readonly<Record<string, string>> = Object.freeze(new Texts())

/** Takes secrets and personal data out, cuts to length: after this nothing of the original is kept. */
export function cleanAlerts(source: string, alerts: readonly RawAlert[], withAnnotations: boolean): ExternalAlert[] {
  const cleaner = createTextCleaner()
  const links = alerts.map(({ links: all }) => (all.every(isLink) ? all : all.filter(isLink)))
  for (const [index, alert] of alerts.entries()) {
    cleaner.add(alert.name)
    if (alert.summary !== undefined) cleaner.add(alert.summary)
    if (alert.level !== undefined) cleaner.add(alert.level)
    addValues(alert.labels, cleaner)
    if (withAnnotations) addValues(alert.annotations, cleaner)
    for (const { title, url } of links[index] ?? []) {
      cleaner.add(title)
      cleaner.add(url)
    }
  }
  return alerts.map((alert, index) => ({
    source,
    name: oneLine(cleaner.clean(alert.name), longestLabel),
    status: alert.status,
    summary: oneLine(cleaner.clean(alert.summary ?? alert.name), longestSummary),
    labels: cleanEntries(alert.labels, cleaner, longestLabel),
    annotations: withAnnotations ? cleanEntries(alert.annotations, cleaner, longestSummary) : none,
    fingerprint: shortName(alert.fingerprint),
    level: alert.level === undefined ? undefined : cleaner.clean(alert.level),
    symptoms: alert.symptoms?.map(cleanSymptom),
    startsAt: alert.startsAt,
    endsAt: alert.endsAt,
    links: cleanLinks(links[index] ?? [], cleaner),
  }))
}

function addValues(entries: Entries, cleaner: TextCleaner): void {
  for (let index = 1; index < entries.length; index += 2) cleaner.add(entries[index] ?? '')
}

function cleanEntries(entries: Entries, cleaner: TextCleaner, longest: number): Readonly<Record<string, string>> {
  const cleaned = new Texts()
  for (let index = 0; index < entries.length; index += 2) {
    const name = entries[index] ?? ''
    if (isSecretName(name)) {
      cleaned[redact(name)] = '[redacted]'
      continue
    }
    const text = cleaner.clean(entries[index + 1] ?? '')
    cleaned[name] = oneLine(text, longest)
  }
  return cleaned
}

/** Over all bodies: names repeat for ever. */
const knownNames = createRecent<boolean>(4_096)

/** A label named `password` holds one, whatever it looks like; a name that is a secret itself is one too. */
function isSecretName(name: string): boolean {
  let secret = knownNames.get(name)
  if (secret === undefined) {
    const pair = `${name}=some-value`
    secret = redact(pair) !== pair || !name.isWellFormed()
    knownNames.set(name, secret)
  }
  return secret
}

const recentLinks = createRecent<readonly Link[]>(1_024)

function cleanLinks(links: readonly Link[], cleaner: TextCleaner): readonly Link[] {
  const [first] = links
  if (links.length !== 1 || first === undefined || first.url.length > 256) return linksOf(links, cleaner)
  const before = recentLinks.get(first.url)
  if (before?.[0]?.title === first.title) return before
  const made = linksOf(links, cleaner)
  // What held a secret is not kept beside it.
  if (made[0]?.url === first.url) recentLinks.set(first.url, made)
  return made
}

function linksOf(links: readonly Link[], cleaner: TextCleaner): readonly Link[] {
  return links.map(({ title, url }) => ({
    title: oneLine(cleaner.clean(title), longestTitle),
    url: cleaner.clean(url),
  }))
}

/** What `URL` surely takes: a host of letters, a port of at most four digits. */
const plainLink = /^https?:\/\/[a-z][a-z0-9-]{0,62}(?:\.[a-z][a-z0-9-]{0,62}){0,8}(?::\d{1,4})?(?:[/?#][^\s\\^`{|}]*)?$/

/** Only http and https: anything else in a page is an invitation to run something. */
function isLink(link: RawAlert['links'][number]): link is Link {
  const { url } = link
  if (url === undefined || url.length > 2_048) return false
  if (plainLink.test(url) && !url.includes('xn--')) return true
  return /^https?:\/\//i.test(url) && URL.canParse(url)
}
