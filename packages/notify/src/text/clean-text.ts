/* oxlint-disable no-control-regex -- taking control characters out is what this file is for */

/** Terminal sequences: CSI (colours, cursor), OSC (titles, links), DCS/SOS/PM/APC strings, then any other escape. */
const sequences =
  /\u001B\[[0-?]{0,40}[ -/]{0,8}[@-~]|\u001B[\]PX^_][^\u0007\u001B\u009C]{0,2000}(?:\u0007|\u001B\\|\u009C)?|\u001B[ -/]{0,8}[0-~]?|\u009B[0-?]{0,40}[ -/]{0,8}[@-~]/g

/** Controls but tab and line feed; bidirectional marks, embeddings and isolates; invisible joints; tags; the byte order mark. */
const invisible =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB]|[\u{E0000}-\u{E007F}]/gu

/**
 * Text that shows what it says: without terminal sequences, control characters, bidirectional overrides and invisible
 * characters, with plain line ends, well-formed. What attackers write into a log must not command a terminal or a phone.
 */
export function cleanText(text: string): string {
  return text
    .slice(0, mostCharacters)
    .replaceAll(sequences, '')
    .replaceAll(/\r\n?|[\u2028\u2029\u0085\u000B\u000C]/g, '\n')
    .replaceAll('\t', '  ')
    .replaceAll(invisible, '')
    .toWellFormed()
}

/** The same in one line. */
export function cleanLine(text: string): string {
  return cleanText(text).replaceAll(/\s+/g, ' ').trim()
}

/** More than any target takes; beyond it, work would grow with what an attacker sends. */
const mostCharacters = 200_000
