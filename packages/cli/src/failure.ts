import { FirebreakError, redactSecrets } from '@firebreak/core'

export type CliErrorCode =
  | 'OUT_NOT_WRITABLE'
  | 'PORT_IN_USE'
  | 'CONFIG_NOT_FOUND'
  | 'CONFIG_INVALID'
  | 'NO_LOG'
  | 'NO_HOLD'
  | 'INTERRUPTED'
  | 'PLAN_CHANGED'

/** What a command says in one line before it ends with a non-zero code. */
export class CliError extends FirebreakError<CliErrorCode> {
  /** The process's exit code; default 1. */
  readonly exitCode: number
  constructor(code: CliErrorCode, message: string, exitCode = 1) {
    super({ code, message })
    this.name = 'CliError'
    this.exitCode = exitCode
  }
}

/** One clear line for any error, without a stack. */
export function lineOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return `firebreak: ${redactSecrets(text.split('\n')[0] ?? '')}`
}
