import { InvalidInput } from '@firebreak/core'
import * as z from 'zod'
import type { Answered, CallOptions } from '../transport/call.ts'
import { checkedNumber } from '../transport/route.ts'
import { decode, listOf, number, text } from '../transport/schema.ts'
import { aboutOf, machineRequest, type AppScope } from './scope.ts'

export interface ExecRequest extends CallOptions {
  /** Program and arguments; no shell. */
  readonly command: readonly string[]
  readonly stdin?: string | undefined
  readonly container?: string | undefined
  /** How long the command may take, in seconds. Default 30. */
  readonly timeoutSeconds?: number | undefined
}

export interface ExecResult {
  readonly exitCode: number
  readonly exitSignal: number
  readonly stdout: string
  readonly stderr: string
}

/** A process inside a machine. */
export interface MachineProcess {
  readonly pid: number
  readonly command: string
  readonly directory?: string | undefined
  readonly cpu?: number | undefined
  /** Bytes. */
  readonly rss?: number | undefined
  readonly listen_sockets: readonly { readonly proto?: string | undefined; readonly address?: string | undefined }[]
}

const execAnswer = z
  .looseObject({ exit_code: number, exit_signal: number, stdout: text, stderr: text })
  .transform((it): ExecResult => ({
    exitCode: it.exit_code ?? 0,
    exitSignal: it.exit_signal ?? 0,
    stdout: it.stdout ?? '',
    stderr: it.stderr ?? '',
  }))

const processes = z.array(
  z
    .looseObject({
      pid: z.number(),
      command: text,
      directory: text,
      cpu: number,
      rss: number,
      listen_sockets: listOf(z.looseObject({ proto: text, address: text })),
    })
    .transform((it): MachineProcess => ({ ...it, command: it.command ?? '' })),
)

/** Never repeated when its answer was lost: the command may have run. */
export async function execute(scope: AppScope, id: string, exec: ExecRequest): Promise<Answered<ExecResult>> {
  const { command, stdin, container } = exec
  if (!Array.isArray(command) || command.length === 0 || !command.every((word) => typeof word === 'string'))
    throw new InvalidInput('command', 'must be a program and its arguments, as a list of texts')
  const timeout = checkedNumber(exec.timeoutSeconds ?? 30, 'timeoutSeconds', 1, 3_600, true)
  const request = machineRequest(scope, 'POST', id, '/exec', {
    repeat: 'unsent',
    attemptTimeoutMs: timeout * 1_000 + 15_000,
    body: {
      command,
      timeout,
      ...(stdin === undefined ? {} : { stdin }),
      ...(container === undefined ? {} : { container }),
    },
  })
  return decode(execAnswer, await scope.http.send(request, exec), aboutOf(request))
}

export async function listProcesses(
  scope: AppScope,
  id: string,
  options: CallOptions = {},
): Promise<Answered<readonly MachineProcess[]>> {
  const request = machineRequest(scope, 'GET', id, '/ps')
  return decode(processes, await scope.http.send(request, options), aboutOf(request))
}
