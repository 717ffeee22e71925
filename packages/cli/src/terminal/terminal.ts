/** Where a command writes. Colours and redrawing only on a terminal. */
export interface Terminal {
  /** One line, on standard output. */
  line(text?: string): void
  /** One line on standard error. */
  complain(text: string): void
  /** Replaces the progress line on a terminal; elsewhere nothing is drawn until it is final. */
  progress(text: string, final: boolean): void
  readonly paint: Paint
}

export interface Paint {
  readonly level: (text: string) => string
  readonly ok: (text: string) => string
  readonly warn: (text: string) => string
  readonly no: (text: string) => string
  readonly dim: (text: string) => string
}

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
}

export function createTerminal(
  output: Output,
  errors: Output,
  environment: Readonly<Record<string, string | undefined>>,
): Terminal {
  const colours = output.isTTY === true && environment['NO_COLOR'] === undefined && environment['TERM'] !== 'dumb'
  const wrap = (code: string) => (text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  let drawn = false

  function clear() {
    if (drawn) output.write('\r\u001b[2K')
    drawn = false
  }

  return {
    line(text = '') {
      clear()
      output.write(`${text}\n`)
    },
    complain(text) {
      clear()
      errors.write(`${text}\n`)
    },
    progress(text, final) {
      if (final) {
        clear()
        output.write(`${text}\n`)
      } else if (output.isTTY === true) {
        clear()
        output.write(text)
        drawn = true
      }
    },
    paint: { level: wrap('1;31'), ok: wrap('32'), warn: wrap('33'), no: wrap('31'), dim: wrap('2') },
  }
}
