/** One line of a Markdown table; a bar or backslash in a cell is escaped. */
export function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll(/[\\|]/g, '\\$&')).join(' | ')} |`
}

/** The cells of a line that `tableLine` or a person wrote; `undefined` for what is no line of a table. */
export function readTableLine(line: string): readonly string[] | undefined {
  const text = line.trim()
  if (!text.startsWith('|')) return undefined
  const cells = ['']
  for (let index = 1; index < text.length; index += 1) {
    const character = text[index] ?? ''
    if (character === '\\' && index + 1 < text.length) {
      index += 1
      cells[cells.length - 1] += text[index] ?? ''
    } else if (character === '|') cells.push('')
    else cells[cells.length - 1] += character
  }
  if (cells.at(-1)?.trim() === '') cells.pop()
  return cells.map((cell) => cell.trim())
}

export function isRule(cells: readonly string[]): boolean {
  return cells.length > 0 && cells.every((cell) => /^:?-{3,}:?$/.test(cell))
}
