import * as z from 'zod'
import type { NewEvent } from '../recorded.ts'
import { name } from './text.ts'
import { timestampSchema } from './timestamp.ts'

/** The envelope of an event from outside. Its data is any object: an unknown type is kept, not refused. */
export const newEventSchema: z.ZodType<NewEvent> = z.object({
  type: name(100).refine((type) => /^[a-z]\w*(?:\.[a-z]\w*)+$/.test(type), 'is no event type: write noun.verbed'),
  actor: name(200),
  data: z.record(z.string(), z.json()),
  id: z.exactOptional(name(300)),
  at: z.exactOptional(timestampSchema),
  causationId: z.exactOptional(name(300)),
})
