import * as z from 'zod'
import type { Link, Signal } from '../signal.ts'
import { symptomSchema } from './symptom.ts'
import { name, segment, text } from './text.ts'
import { timestampSchema } from './timestamp.ts'

/** Only http and https: anything else in a page is an invitation to run something. */
export const linkSchema: z.ZodType<Link> = z.object({
  title: text(200),
  url: z
    .string()
    .max(2_048, 'is longer than 2048 characters')
    .refine((url) => /^https?:\/\//i.test(url) && URL.canParse(url), 'is no http or https address'),
})

/** Names to values: at most 64, none of them long. */
export const labelsSchema: z.ZodType<Record<string, string>> = z
  .record(name(128), text(1_024))
  .refine((labels) => Object.keys(labels).length <= 64, 'holds more than 64 labels')

/** A complete signal, as our own probes make it and as a log keeps it. For input from outside: `parseSignal`. */
export const signalSchema: z.ZodType<Signal> = z.object({
  id: name(200),
  key: name(300),
  source: name(100),
  measured: z.boolean(),
  service: segment(100),
  status: z.enum(['firing', 'resolved']),
  at: timestampSchema,
  summary: text(2_000),
  symptoms: z.array(symptomSchema).max(32, 'holds more than 32 symptoms'),
  labels: labelsSchema,
  links: z.array(linkSchema).max(20, 'holds more than 20 links'),
  staleAfterMs: z.exactOptional(z.number('is no finite number').gt(0, 'must be above 0')),
  clockSkewMs: z.exactOptional(z.number('is no finite number').min(0, 'is below 0')),
})
