import { retry } from '@firebreak/core'
import * as z from 'zod'
import { FlyConflictError, FlyPreconditionError } from '../errors/kinds.ts'
import type { Answered, CallOptions } from '../transport/call.ts'
import { isTransient, retryPolicy } from '../transport/retry-policy.ts'
import { decode, text } from '../transport/schema.ts'
import { machineSchema } from './machine-schema.ts'
import type { Machine } from './machine.ts'
import { aboutOf, leaseHeader, machineRequest, type AppScope } from './scope.ts'

/** Options of a write to one machine. */
export interface MachineWriteOptions extends CallOptions {
  /** Of a lease on the machine, when one is held. */
  readonly nonce?: string | undefined
}

/** What `start` answers; empty where Fly says nothing. */
export interface StartResult {
  readonly previous_state?: string | undefined
  readonly new_host?: string | undefined
}

const startAnswer = z.looseObject({ previous_state: text, new_host: text }).nullish()

/** An update takes some seconds to finish; a start in the middle of one is refused until then. */
const startRetry = { attempts: 20, baseMs: 500, maxMs: 2_000, budgetMs: 60_000 }
const passing = new Set(['replacing', 'updating', 'starting', 'restarting', 'creating'])

/** `POST …/start`, repeated while the machine is still being replaced; already started is a success. */
export async function startMachine(
  scope: AppScope,
  id: string,
  options: MachineWriteOptions = {},
): Promise<Answered<StartResult>> {
  const { http } = scope
  const request = machineRequest(scope, 'POST', id, '/start', { headers: leaseHeader(options.nonce) })
  const about = aboutOf(request)
  let final: unknown

  return http.within(options, about, (signal) => {
    async function look(): Promise<Answered<Machine>> {
      const get = machineRequest(scope, 'GET', id, '')
      return decode(machineSchema, await http.send(get, { signal }), aboutOf(get))
    }
    async function attempt(number: number): Promise<Answered<StartResult>> {
      const before = number > 1 ? await look() : undefined
      if (before?.data.state === 'started') return { ...before, data: { previous_state: 'started' } }
      try {
        const answer = await http.send({ ...request, attempt: number }, { signal, retry: false })
        const { data, ...rest } = decode(startAnswer, answer, about)
        return { ...rest, data: data ?? {} }
      } catch (error) {
        if (!refused(error)) throw error
        const after = await look()
        if (after.data.state === 'started') return { ...after, data: { previous_state: 'started' } }
        if (!passing.has(after.data.state)) final = error
        throw error
      }
    }
    return retry(attempt, {
      policy: retryPolicy(
        http.settings.retry,
        options.retry,
        (error) => error !== final && (isTransient(error) || refused(error)),
        startRetry,
      ),
      clock: http.settings.clock,
      random: http.settings.random,
      signal,
    })
  })
}

/** Perhaps because an update is under way, which passes. */
function refused(error: unknown): boolean {
  return (
    error instanceof FlyPreconditionError ||
    (error instanceof FlyConflictError && error.code === 'FLY_UPDATE_IN_PROGRESS')
  )
}
