import { InvalidInput } from '@firebreak/core'
import { checkedNumber } from '../transport/route.ts'
import type { MachineWriteOptions } from './start.ts'

/** Signals that Fly takes. */
export type SignalName =
  | 'SIGABRT'
  | 'SIGALRM'
  | 'SIGFPE'
  | 'SIGHUP'
  | 'SIGILL'
  | 'SIGINT'
  | 'SIGKILL'
  | 'SIGPIPE'
  | 'SIGQUIT'
  | 'SIGSEGV'
  | 'SIGTERM'
  | 'SIGTRAP'
  | 'SIGUSR1'
  | 'SIGUSR2'

export interface StopOptions extends MachineWriteOptions {
  /** Default SIGINT. */
  readonly signalName?: SignalName | undefined
  /** Before it is killed, in seconds. */
  readonly graceSeconds?: number | undefined
}

export interface RestartOptions extends StopOptions {
  readonly forceStop?: boolean | undefined
}

export function stopBody({ signalName, graceSeconds }: StopOptions): Record<string, unknown> {
  return {
    ...(signalName === undefined ? {} : { signal: checkedSignal(signalName) }),
    ...(graceSeconds === undefined ? {} : { timeout: seconds(graceSeconds) }),
  }
}

export function* restartQuery(options: RestartOptions): Generator<readonly [string, string]> {
  if (options.graceSeconds !== undefined) yield ['timeout', seconds(options.graceSeconds)]
  if (options.signalName !== undefined) yield ['signal', checkedSignal(options.signalName)]
  if (options.forceStop !== undefined) yield ['force_stop', String(options.forceStop)]
}

export function checkedSignal(name: string): string {
  if (!/^SIG[A-Z0-9]{2,10}$/.test(name)) throw new InvalidInput('signalName', 'must be a name like SIGTERM')
  return name
}

function seconds(value: number): string {
  return `${checkedNumber(value, 'graceSeconds', 0, 86_400)}s`
}
