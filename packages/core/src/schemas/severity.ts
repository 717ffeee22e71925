import * as z from 'zod'
import type { Severity } from '../severity.ts'

export const severitySchema: z.ZodType<Severity> = z.enum(['P0', 'P1', 'P2', 'P3'])
