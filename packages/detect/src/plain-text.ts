/** Begins every escape sequence. */
export const escape = '\u001b'

/* oxlint-disable no-control-regex -- that is what they look for */
/** Colours, cursor movements, links and titles of terminals. */
const escapes = /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\u0007\u001b]{0,2048}(?:\u0007|\u001b\\)?|[@-_])/g
const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
const controls = /[\s\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g
/* oxlint-enable no-control-regex */

/** Takes escape sequences out. Before redaction: a colour in front of a secret would hide where it begins. */
export function withoutEscapes(text: string): string {
  return text.includes(escape) ? text.replaceAll(escapes, ' ') : text
}

/** One line of well-formed text without control characters, cut to length. */
export function oneLine(text: string, longest: number): string {
  const line = control.test(text) ? text.replaceAll(controls, ' ').trim() : text
  return line.length > longest ? `${line.slice(0, longest - 1)}…`.toWellFormed() : line
}
