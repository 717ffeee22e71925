import { redactSecrets } from '@firebreak/core'
import type { Logger } from '@firebreak/responder'
import type { Terminal } from '../terminal/terminal.ts'

/** Where nobody gave a logger: what a person must know, one line each on standard error. */
export function terminalLogger({ complain }: Pick<Terminal, 'complain'>): Logger {
  const say = (level: string) => (message: string, fields?: Readonly<Record<string, unknown>>) => {
    const line = `firebreak: ${level}: ${message}${fields === undefined ? '' : ` ${JSON.stringify(fields)}`}`
    // Others may have written what stands in a field: it must not command the terminal.
    complain(redactSecrets(line.replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')))
  }
  return { debug: () => undefined, info: () => undefined, warn: say('warn'), error: say('error') }
}
