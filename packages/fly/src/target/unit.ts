import type { Unit, UnitCheck, UnitState } from '@firebreak/core'
import { checkKind, digestOf, imageOf, processGroup, releaseVersion, untouchable } from '../machines/facts.ts'
import type { Machine } from '../machines/machine.ts'

const states: Readonly<Record<string, UnitState>> = {
  created: 'stopped',
  creating: 'starting',
  starting: 'starting',
  restarting: 'starting',
  started: 'started',
  stopping: 'stopping',
  suspending: 'stopping',
  stopped: 'stopped',
  suspended: 'suspended',
  updating: 'updating',
  replacing: 'updating',
  failed: 'failed',
  launch_failed: 'failed',
  destroying: 'gone',
  destroyed: 'gone',
  replaced: 'gone',
  migrated: 'gone',
}

/** A machine in the words of the port. `ours` recognises our own lease, which locks nobody out. */
export function unitOf(machine: Machine, ours: (description: string) => boolean = () => false): Unit {
  const digest = digestOf(machine)
  const release = releaseVersion(machine)
  const reason = untouchable(machine)
  const changed = machine.events[0]?.timestamp
  const { lease } = machine
  return {
    id: machine.id,
    region: machine.region,
    group: processGroup(machine),
    state: states[machine.state] ?? 'unknown',
    image: imageOf(machine),
    ...(digest === undefined ? {} : { digest }),
    ...(release === undefined ? {} : { release }),
    revision: machine.instance_id,
    checks: machine.checks.map((check): UnitCheck => ({
      name: check.name,
      kind: checkKind(machine, check),
      status: checkStatus(check.status),
      ...(check.output === undefined ? {} : { output: check.output }),
    })),
    cordoned: machine.cordoned ?? false,
    ...(reason === undefined ? {} : { untouchable: reason }),
    ...(lease === undefined || ours(lease.description ?? '')
      ? {}
      : {
          lockedBy: {
            holder: lease.owner ?? 'somebody',
            expiresAt: new Date((lease.expires_at ?? 0) * 1_000).toISOString(),
          },
        }),
    ...(changed === undefined || changed === 0 ? {} : { changedAt: new Date(changed).toISOString() }),
  }
}

/** What this list does not know is no pass. */
function checkStatus(status: string): UnitCheck['status'] {
  return status === 'passing' ? 'passing' : status === 'warning' ? 'warning' : 'critical'
}
