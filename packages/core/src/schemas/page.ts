import * as z from 'zod'
import type { Page } from '../notifier.ts'
import { severitySchema } from './severity.ts'
import { linkSchema } from './signal.ts'
import { name, segment, text } from './text.ts'
import { timestampSchema } from './timestamp.ts'

/** A rendered page. */
export const pageSchema: z.ZodType<Page> = z.object({
  incident: text(300),
  code: z.exactOptional(name(16)),
  service: segment(100),
  severity: severitySchema,
  kind: z.enum(['trigger', 'update', 'acknowledge', 'resolve']),
  title: text(1_000),
  text: text(20_000),
  markdown: text(40_000),
  links: z.array(linkSchema).max(20, 'holds more than 20 links'),
  at: z.exactOptional(timestampSchema),
  to: z.exactOptional(name(100)),
})
