/** The characters of a short message that cost one septet each. */
const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
/** Those that cost two. */
const extended = '^{}\\[~]|€'

const cost = new Map<string, number>([
  ...Array.from(basic, (character) => [character, 1] as const),
  ...Array.from(extended, (character) => [character, 2] as const),
])

const instead: Readonly<Record<string, string>> = {
  '…': '...',
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '×': 'x',
  '→': '->',
  '·': '-',
  '`': "'",
  '[': '(',
  ']': ')',
}

/** One character outside the alphabet would triple the price and halve the length: it is replaced. */
export function toGsm(text: string): string {
  return Array.from(text, (character) => {
    const other = instead[character]
    if (other !== undefined) return other
    if (cost.has(character)) return character
    const plain = character.normalize('NFKD').replaceAll(/\p{M}/gu, '')
    return plain !== '' && Array.from(plain).every((it) => cost.has(it)) ? plain : '?'
  }).join('')
}

/** How many septets a text takes; infinitely many when it holds a character that none can carry. */
export function septets(text: string): number {
  let sum = 0
  for (const character of text) sum += cost.get(character) ?? Number.POSITIVE_INFINITY
  return sum
}
