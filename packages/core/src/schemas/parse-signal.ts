import { createHash } from 'node:crypto'
import * as z from 'zod'
import { systemClock, type Clock } from '../clock.ts'
import { createId, systemRandom, type Random } from '../random.ts'
import { redact } from '../redact.ts'
import { compareSeverity, type Severity } from '../severity.ts'
import type { Signal, Symptom } from '../signal.ts'
import { parseInput } from './parse-input.ts'
import { labelsSchema, linkSchema } from './signal.ts'
import { symptomSchema } from './symptom.ts'
import { name, segment, text } from './text.ts'
import { parseTimestamp, timestampSchema } from './timestamp.ts'

export interface ParseSignalOptions {
  /** Who brings it; replaces what the input says of itself. Default 'unknown', where the input says nothing. */
  readonly source?: string | undefined
  /** Default false: what others tell us opens and pages, and is never evidence for a write. The input cannot say it. */
  readonly measured?: boolean | undefined
  /** The worst that a `stated` severity may be; a worse one becomes this. Default P1; `P0` is no cap. */
  readonly maxSeverity?: Severity | undefined
  /** Milliseconds after which an unrepeated signal is unknown; where the input does not say. */
  readonly staleAfterMs?: number | undefined
  readonly clock?: Clock | undefined
  readonly random?: Random | undefined
}

const inputSchema = z.object({
  id: z.optional(name(200)),
  key: name(300),
  source: z.optional(name(100)),
  service: segment(100),
  status: z.optional(z.enum(['firing', 'resolved'])),
  at: z.optional(timestampSchema),
  summary: z.optional(text(2_000)),
  symptoms: z.optional(z.array(symptomSchema).max(32, 'holds more than 32 symptoms')),
  labels: z.optional(labelsSchema),
  links: z.optional(z.array(linkSchema).max(20, 'holds more than 20 links')),
  staleAfterMs: z.optional(z.number('is no finite number').gt(0, 'must be above 0')),
})

/**
 * Makes a signal of what came from outside, or throws `INVALID_INPUT` that names the field: figures must be finite and in
 * range, texts short, times RFC 3339. Secrets and personal data are taken out of every text. A time in the future becomes
 * now, and `clockSkewMs` says by how much. Unknown fields are dropped.
 */
export function parseSignal(input: unknown, options: ParseSignalOptions = {}): Signal {
  const { clock = systemClock, random = systemRandom, measured = false, maxSeverity = 'P1' } = options
  const given = parseInput(inputSchema, input, 'signal')
  const source = options.source ?? given.source ?? 'unknown'
  const now = clock.now()
  const at = given.at === undefined ? now : (parseTimestamp(given.at) ?? now)
  const staleAfterMs = given.staleAfterMs ?? options.staleAfterMs
  return {
    id: distinct(given.id ?? createId(clock, random)),
    key: distinct(given.key),
    source: clean(source),
    measured,
    service: given.service,
    status: given.status ?? 'firing',
    at: new Date(Math.min(at, now)).toISOString(),
    summary: clean(given.summary ?? given.key),
    symptoms: (given.symptoms ?? []).map((symptom) => cleanSymptom(symptom, maxSeverity)),
    labels: cleanLabels(given.labels ?? {}),
    links: (given.links ?? []).map(({ title, url }) => ({ title: clean(title), url: clean(url) })),
    ...(staleAfterMs === undefined ? {} : { staleAfterMs }),
    ...(at > now ? { clockSkewMs: at - now } : {}),
  }
}

/** Half a surrogate pair cannot be stored by every log; a secret must not be. */
function clean(value: string): string {
  return redact(value.toWellFormed())
}

/** A name that held a secret stays distinct from other names that held one. */
function distinct(value: string): string {
  const cleaned = clean(value)
  if (cleaned === value) return value
  return `${cleaned} #${createHash('sha256').update(value).digest('hex').slice(0, 8)}`
}

function cleanSymptom(symptom: Symptom, maxSeverity: Severity): Symptom {
  if (symptom.kind === 'stated')
    return compareSeverity(symptom.severity, maxSeverity) < 0 ? { ...symptom, severity: maxSeverity } : symptom
  if ('detail' in symptom) return { ...symptom, detail: clean(symptom.detail) }
  if ('name' in symptom) return { ...symptom, name: clean(symptom.name) }
  return symptom
}

/** Without a prototype: a label may be called anything. */
function cleanLabels(labels: Readonly<Record<string, string>>): Record<string, string> {
  const cleaned = Object.create(null) as Record<string, string>
  for (const [label, value] of Object.entries(labels)) cleaned[clean(label)] = clean(value)
  return cleaned
}
