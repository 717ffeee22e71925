import * as z from 'zod'

/* oxlint-disable no-control-regex -- that is what it looks for */
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
/* oxlint-enable no-control-regex */

/** Free text up to a length; empty where that says something. */
export function text(longest: number): z.ZodType<string> {
  return z.string().max(longest, `is longer than ${longest} characters`)
}

/** A name: not empty, one line, no control characters. */
export function name(longest: number): z.ZodType<string> {
  return z
    .string()
    .min(1, 'is empty')
    .max(longest, `is longer than ${longest} characters`)
    .refine((value) => !control.test(value) && value.isWellFormed(), 'holds control characters or half a character')
}

/** A name that can stand between two slashes of a stream's name. `*` stands for all of them. */
export function segment(longest: number): z.ZodType<string> {
  return name(longest)
    .refine((value) => !value.includes('/') && value !== '.' && value !== '..', 'must not contain /')
    .refine((value) => value !== '*', 'must name one; * stands for all')
}
