import { basename } from 'node:path'
import { redact, required, systemClock, withDeadline, type Probe } from '@firebreak/core'
import { DetectError } from './detect-error.ts'
import { numberIn } from './numbers.ts'
import type { FactProbeOptions } from './probe-options.ts'
import { runCommand, type Finished } from './run-command.ts'
import { oneLine, withoutEscapes } from './plain-text.ts'
import { factProbe, type Verdict } from './verdict.ts'

export interface CommandProbeOptions extends FactProbeOptions {
  /** An executable, found in `PATH` or by its path. There is no shell: no `|`, no `$VARIABLE`, no quoting. */
  readonly command: string
  readonly args?: readonly string[] | undefined
  readonly cwd?: string | undefined
  /** All the environment that it gets besides `PATH`: none of ours, for that holds our tokens. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Milliseconds until it and all that it started are killed; that counts as a failure. Default 10,000. */
  readonly timeoutMs?: number | undefined
  /** Exit codes that mean well. Default 0 only. */
  readonly okCodes?: readonly number[] | undefined
}

/** A health-check script: its exit code is the verdict, the end of its output the reason. */
export function commandProbe(options: CommandProbeOptions): Probe & { readonly service: string } {
  const { args = [], env = {}, clock = systemClock, okCodes = [0] } = options
  const command = required(options.command, 'command', 'commandProbe')
  const timeoutMs = numberIn(options.timeoutMs ?? 10_000, 'timeoutMs', 1)
  const short = basename(command)
  const name = options.name ?? `command/${short}`

  return factProbe('command', name, options, async (signal) => {
    signal.throwIfAborted()
    const deadline = withDeadline(clock, timeoutMs, signal)
    try {
      const finished = await runCommand({ command, args, env, cwd: options.cwd, signal: deadline.signal, clock })
      if (signal.aborted) throw signal.reason
      if (deadline.signal.aborted)
        return { ok: false, summary: `${short} has not ended within ${timeoutMs} ms${reason(finished)}` }
      return verdict(short, finished, okCodes)
    } finally {
      deadline.clear()
    }
  })
}

function verdict(short: string, finished: Finished, okCodes: readonly number[]): Verdict {
  const { code, killedBy, error } = finished
  if (error !== undefined)
    throw new DetectError(
      'PROBE_BROKEN',
      `${short} could not be started (${error.message}): check command and cwd`,
      error,
    )
  // A script that was shot or crashed has not said anything about the service.
  if (code === null)
    throw new DetectError(
      'PROBE_BROKEN',
      `${short} was ended by ${killedBy ?? 'a signal'} before it could say anything`,
    )
  const ok = okCodes.includes(code)
  return { ok, summary: `${short} exits ${code}${reason(finished)}` }
}

const longestReason = 300

/** The last line that says something: scripts tell at the end what went wrong. */
function reason({ output }: Finished): string {
  const line = redact(withoutEscapes(output))
    .split('\n')
    .map((text) => oneLine(text, longestReason))
    .findLast((text) => text !== '')
  return line === undefined ? '' : `: ${line}`
}
