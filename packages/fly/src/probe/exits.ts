import type { Machine, MachineEvent } from '../machines/machine.ts'

/** One end of a machine's process, as its exit event tells it. */
export interface Exit {
  readonly id: string
  readonly at: number
  readonly exitCode: number | undefined
  readonly oom: boolean
  /** Neither asked for nor a clean end. */
  readonly crashed: boolean
}

/** Oldest last. The monitor's account counts before the guest's. */
export function exitsOf(machine: Machine): readonly Exit[] {
  return machine.events.filter(({ type }) => type === 'exit').map((event) => exitOf(machine, event))
}

/** The newest exit, if nothing was started after it. */
export function lastExit(machine: Machine): Exit | undefined {
  const event = machine.events.find(
    ({ type }) => type === 'exit' || type === 'start' || type === 'launch' || type === 'update',
  )
  return event?.type === 'exit' ? exitOf(machine, event) : undefined
}

function exitOf(machine: Machine, event: MachineEvent): Exit {
  const monitor = record(event.request?.['MonitorEvent'])
  const exit = record(monitor?.['exit_event']) ?? record(event.request?.['exit_event']) ?? {}
  const code = exit['exit_code']
  const exitCode = typeof code === 'number' ? code : undefined
  const oom = exit['oom_killed'] === true
  const requested = exit['requested_stop'] === true
  return {
    id: event.id ?? `${machine.id}@${event.timestamp}`,
    at: event.timestamp,
    exitCode,
    oom,
    crashed: oom || (!requested && exitCode !== undefined && exitCode !== 0),
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
}
