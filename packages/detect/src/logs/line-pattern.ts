import { InvalidInput } from '@firebreak/core'
import { RE2JS } from 're2js'

/** Whether a line holds it, in time linear in the line: log lines are written by attackers too. */
export type LinePattern = (line: string) => boolean

/**
 * A text is looked for as it is, without regard to case. A regular expression is run by RE2's method, so that no line can
 * make it slow; what RE2 cannot do (look-around, back-references) is refused here.
 */
export function linePattern(pattern: string | RegExp, field: string): LinePattern {
  if (typeof pattern === 'string') return textPattern(pattern, field)
  if (!(pattern instanceof RegExp)) throw new InvalidInput(field, 'must be a text or a regular expression')
  const compiled = compile(pattern, field)
  return (line) => compiled.test(line)
}

function textPattern(text: string, field: string): LinePattern {
  if (text.trim() === '') throw new InvalidInput(field, 'is empty and would match every line')
  const wanted = text.toLowerCase()
  return (line) => line.toLowerCase().includes(wanted)
}

function compile({ source, flags }: RegExp, field: string): RE2JS {
  const wanted =
    (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) |
    (flags.includes('m') ? RE2JS.MULTILINE : 0) |
    (flags.includes('s') ? RE2JS.DOTALL : 0)
  try {
    return RE2JS.compile(RE2JS.translateRegExp(source), wanted)
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 100) : ''
    throw new InvalidInput(field, `cannot be run safely (${why}): write it without look-around and back-references`)
  }
}
