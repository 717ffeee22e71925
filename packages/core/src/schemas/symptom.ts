import * as z from 'zod'
import type { Burn, Symptom } from '../signal.ts'
import { severitySchema } from './severity.ts'
import { name, text } from './text.ts'

const percentage = 'looks like a percentage: 12 % is 0.12'
const count = z.int('is no whole number').min(0, 'is below 0')
const milliseconds = z.number('is no finite number').min(0, 'is below 0')
const positive = z.number('is no finite number').gt(0, 'must be above 0')
const ratio = z.number('is no finite number').min(0, 'is below 0').max(1, percentage)

const burnSchema: z.ZodType<Burn> = z.object({
  rate: z.number('is no finite number').min(0, 'is below 0'),
  windowMs: positive,
})

/** A fact with its figures in range: ratios 0…1, counts whole and not negative, times finite. */
export const symptomSchema: z.ZodType<Symptom> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('outage'), extent: z.enum(['complete', 'partial']) }),
  z.object({ kind: z.literal('security'), detail: text(2_000) }),
  z.object({ kind: z.literal('dependency'), name: name(200), role: z.enum(['database', 'other']) }),
  z.object({ kind: z.literal('function'), name: name(200), critical: z.boolean() }),
  z.object({
    kind: z.literal('errorRate'),
    ratio,
    requests: z.exactOptional(count),
    windowMs: z.exactOptional(positive),
  }),
  z.object({
    kind: z.literal('latency'),
    ms: milliseconds,
    baselineMs: positive,
    samples: z.exactOptional(count),
    windowMs: z.exactOptional(positive),
  }),
  z
    .object({ kind: z.literal('checks'), passing: count, total: count, intermittent: z.boolean() })
    .refine(({ passing, total }) => passing <= total, { path: ['passing'], message: 'is more than total' }),
  z.object({
    kind: z.literal('burnRate'),
    slo: z.number('is no finite number').gt(0, 'must be above 0').lt(1, 'must be below 1: 99.9 % is 0.999'),
    long: burnSchema,
    short: burnSchema,
  }),
  z.object({ kind: z.literal('capacity'), resource: z.enum(['memory', 'cpu', 'disk', 'concurrency']), used: ratio }),
  z.object({
    kind: z.literal('crash'),
    oom: z.boolean(),
    exitCode: z.exactOptional(z.int('is no whole number')),
    count,
    windowMs: positive,
  }),
  z.object({ kind: z.literal('warning'), detail: text(2_000) }),
  z.object({ kind: z.literal('stated'), severity: severitySchema }),
])
